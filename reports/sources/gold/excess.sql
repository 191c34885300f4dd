-- Item x stocking location with stock that is stuck: how much, why, and what can be done with it.
select
    item_id,
    item_name,
    category_name,
    family_name,
    unit_code,
    abc_class,
    location_id,
    location_name,
    unit_cost_brl::double as unit_cost_brl,
    annual_demand_units,
    order_up_to_units::double as order_up_to_units,
    on_hand_units::double as on_hand_units,
    on_order_units::double as on_order_units,
    on_order_value_brl::double as on_order_value_brl,
    position_units::double as position_units,
    stock_value_brl::double as stock_value_brl,
    excess_units::double as excess_units,
    excess_value_brl::double as excess_value_brl,
    is_obsolete,
    last_issued_on,
    transfer_units::double as transfer_units,
    transfer_value_brl::double as transfer_value_brl,
    transfer_to_location_id,
    transfer_to_location_name,
    reason_text
from gold.rpt_excess
order by item_id, location_id
