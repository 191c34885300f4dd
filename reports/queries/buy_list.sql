-- What to order today, most urgent first: the order date, then what the field needs most, then what ends first.
select
    item_id,
    item_name,
    category_name,
    criticality,
    location_id,
    location_name,
    supplier_name,
    order_quantity_units,
    unit_code,
    order_by_on::varchar as order_by_on,
    stockout_on::varchar as stockout_on,
    order_value_brl,
    reason_text
from gold.replenishment
where status = 'order_now'
order by
    order_by_on,
    case criticality when 'vital' then 1 when 'essential' then 2 else 3 end,
    stockout_on,
    order_value_brl desc,
    item_id,
    location_id
