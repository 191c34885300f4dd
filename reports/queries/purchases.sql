-- The buy list to work through: what to order now, first what avoids most risk per BRL, then what is about to be due.
select
    item_id,
    item_name,
    category_name,
    family_name,
    unit_code,
    criticality,
    location_id,
    location_name,
    supplier_id,
    supplier_name,
    status,
    order_quantity_units,
    order_by_on::varchar as order_by_on,
    unit_cost_brl,
    order_value_brl,
    risk_brl,
    order_priority,
    is_overridden,
    is_excess_after_order,
    reason_text
from gold.replenishment
where status in ('order_now', 'approaching')
order by
    order_priority nulls last,
    order_by_on nulls first,
    item_id,
    location_id
