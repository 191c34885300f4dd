-- One row: purchase order lines that a supplier should have delivered already.
select
    count(*) as overdue_lines,
    coalesce(sum(open_units * unit_price_brl), 0)::double as overdue_value_brl
from gold.fact_purchase_orders
where is_overdue and open_units > 0
