-- Purchase order line still to be received.
select
    orders.item_id,
    orders.location_id,
    orders.purchase_order_id,
    coalesce(suppliers.supplier_name, orders.supplier_id) as supplier_name,
    orders.order_status,
    orders.open_units::double as open_units,
    orders.requested_on::varchar as requested_on,
    orders.promised_on::varchar as promised_on,
    orders.is_overdue,
    orders.days_overdue
from gold.fact_purchase_orders as orders
left join gold.dim_suppliers as suppliers on orders.supplier_key = suppliers.supplier_key
where orders.open_units > 0 and orders.item_id in (select plan.item_id from gold.rpt_replenishment as plan)
order by orders.item_id, orders.promised_on nulls last, orders.purchase_order_id
