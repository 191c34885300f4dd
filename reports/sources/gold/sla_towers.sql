-- Tower x contract over the twelve closed months: the towers that cost most, at most a thousand of them.
select
    towers.tower_id,
    arg_max(towers.tower_name, towers.month_on) as tower_name,
    arg_max(towers.municipality_name, towers.month_on) as municipality_name,
    towers.contract_id,
    count(*)::integer as months_below_target_count,
    sum(towers.calls_count)::integer as calls_count,
    sum(towers.downtime_minutes) / 60 as downtime_hours,
    min(towers.availability_pct) as lowest_availability_pct,
    sum(towers.penalty_brl)::double as penalty_brl,
    count(*) over ()::integer as towers_count
from gold.rpt_sla_towers as towers
cross join gold.publication
where
    towers.month_on < date_trunc('month', publication.as_of_on + 1)
    and towers.month_on >= date_trunc('month', publication.as_of_on + 1) - interval 12 month
group by towers.tower_id, towers.contract_id
order by penalty_brl desc, towers.tower_id, towers.contract_id
limit 1000
