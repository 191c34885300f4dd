-- The big numbers of the home page, one row. An item counts once, wherever it is short.
-- "Runs out within n days" looks at stock on hand only and leaves out what is already at zero.
select
    count(item_id) as planned_lines,
    count(distinct item_id) filter (where status = 'order_now') as order_items,
    count(*) filter (where status = 'order_now') as order_lines,
    coalesce(sum(order_value_brl) filter (where status = 'order_now'), 0) as order_value_brl,
    count(distinct item_id) filter (where on_hand_units <= 0 and demand_mean_units_per_day > 0) as out_items,
    count(distinct item_id) filter (where on_hand_units > 0 and stockout_on <= planning_on + 7) as out_in_7_items,
    count(distinct item_id) filter (where on_hand_units > 0 and stockout_on <= planning_on + 30) as out_in_30_items,
    max(overdue.overdue_lines) as overdue_lines,
    max(overdue.overdue_value_brl) as overdue_value_brl
from gold.overdue_orders as overdue
left join gold.replenishment on true
