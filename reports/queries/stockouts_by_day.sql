-- How many item x location lines run out on each of the next 30 days.
with days as (
    select
        publication.planning_on + step::integer as day_on
    from gold.publication
    cross join range(0, 31) as steps (step)
)

select
    days.day_on::varchar as day_on,
    count(plan.item_id) as lines,
    count(plan.item_id) filter (where plan.criticality = 'vital') as vital_lines
from days
left join gold.replenishment as plan
    on
        days.day_on = plan.stockout_on
        and plan.on_hand_units > 0
        and plan.demand_mean_units_per_day > 0
group by days.day_on
order by days.day_on
