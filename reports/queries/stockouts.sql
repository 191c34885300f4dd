-- What is at zero or runs out within 30 days at today's rate of demand, soonest first.
select
    item_id,
    item_name,
    category_name,
    criticality,
    location_id,
    location_name,
    on_hand_units,
    unit_code,
    demand_mean_units_per_day,
    on_order_units,
    status,
    on_hand_units <= 0 as is_out,
    stockout_on::varchar as stockout_on,
    case when on_hand_units <= 0 then 0 else (stockout_on - planning_on)::integer end as days_left_days
from gold.replenishment
where
    demand_mean_units_per_day > 0
    and (on_hand_units <= 0 or stockout_on <= planning_on + 30)
order by
    days_left_days,
    case criticality when 'vital' then 1 when 'essential' then 2 else 3 end,
    demand_mean_units_per_day desc,
    item_id,
    location_id
