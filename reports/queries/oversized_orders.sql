-- What today's list would buy although the lot leaves more than a year of demand over: the lot is to be negotiated.
select
    item_id,
    item_name,
    category_name,
    unit_code,
    criticality,
    location_id,
    location_name,
    supplier_id,
    supplier_name,
    order_quantity_units,
    order_value_brl,
    order_by_on::varchar as order_by_on
from gold.replenishment
where status = 'order_now' and is_excess_after_order
order by order_value_brl desc nulls last, item_id, location_id
