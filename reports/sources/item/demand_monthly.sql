-- Item x location x month with demand. A month without a row had none.
select
    item_id,
    location_id,
    strftime(date_trunc('month', demand_on), '%Y-%m') as month,
    sum(demand_units)::double as demand_units
from gold.fact_demand
where item_id in (select plan.item_id from gold.rpt_replenishment as plan)
group by all
order by item_id, location_id, month
