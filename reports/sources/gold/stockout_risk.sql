-- Item x stocking location at risk: red or amber. The rest is counted in stockout_states.
select
    item_id,
    item_name,
    category_name,
    family_name,
    unit_code,
    criticality,
    location_id,
    location_name,
    risk_state,
    on_hand_units::double as on_hand_units,
    on_order_units::double as on_order_units,
    backordered_units::double as backordered_units,
    reorder_point_units::double as reorder_point_units,
    demand_mean_units_per_day,
    next_due_on,
    planning_on,
    days_until_stockout,
    stockout_on,
    stockout_probability,
    stockout_probability_later,
    exposed_towers_count,
    exposed_contracts_count,
    exposed_contract_ids,
    highest_hourly_penalty_brl::double as highest_hourly_penalty_brl
from gold.rpt_stockout_risk
where risk_state <> 'green'
order by item_id, location_id
