-- Purchase order line that a supplier should have delivered already, with what it is and where it is awaited.
select
    orders.purchase_order_id,
    orders.line_number,
    orders.supplier_id,
    coalesce(suppliers.supplier_name, orders.supplier_id) as supplier_name,
    orders.item_id,
    coalesce(items.item_name, orders.item_id) as item_name,
    items.unit_code,
    items.criticality,
    orders.location_id,
    locations.location_name,
    orders.order_status,
    orders.open_units::double as open_units,
    (orders.open_units * orders.unit_price_brl)::double as open_value_brl,
    orders.requested_on,
    orders.promised_on,
    orders.days_overdue
from gold.fact_purchase_orders as orders
left join gold.dim_suppliers as suppliers on orders.supplier_key = suppliers.supplier_key
left join gold.dim_items as items on orders.item_key = items.item_key
left join gold.dim_locations as locations on orders.location_key = locations.location_key
where orders.is_overdue and orders.open_units > 0
order by orders.purchase_order_id, orders.line_number
