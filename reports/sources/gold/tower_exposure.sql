-- Tower in service: what it would miss, under which contract, and what it already cost.
select
    tower_id,
    tower_name,
    municipality_name,
    latitude,
    longitude,
    location_name,
    contract_id,
    client_name,
    sla_tier,
    hourly_penalty_brl::double as hourly_penalty_brl,
    drawn_items_count,
    red_items_count,
    soon_items_count,
    soon_vital_items_count,
    months_below_target_count,
    hours_below_target,
    penalty_brl::double as penalty_brl
from gold.rpt_tower_exposure
order by tower_id
