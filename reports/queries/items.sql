-- The catalogue as the item search shows it: one row an item, worst status first.
select
    item_id,
    max(item_name) as item_name,
    max(category_name) as category_name,
    count(*) as locations,
    count(*) filter (where status = 'order_now') as order_lines,
    count(*) filter (where status = 'approaching') as approaching_lines,
    sum(order_value_brl) as order_value_brl
from gold.replenishment
group by item_id
order by order_lines desc, approaching_lines desc, item_id
