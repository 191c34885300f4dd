-- Which contracts stand behind the shelves at risk.
select
    contract_id,
    client_name,
    sla_tier,
    hourly_penalty_brl,
    count(*) as towers,
    count(*) filter (where soon_vital_items_count > 0) as exposed_towers,
    avg(soon_vital_items_count) as soon_vital_items_mean,
    sum(months_below_target_count) as months_below_target,
    sum(penalty_brl) as penalty_brl
from gold.tower_exposure
group by all
order by hourly_penalty_brl desc nulls last, exposed_towers desc, contract_id
