-- Item x stocking location: what the list pages show of the plan.
select
    item_id,
    item_name,
    category_name,
    unit_code,
    criticality,
    location_id,
    location_name,
    supplier_name,
    status,
    reason_text,
    planning_on,
    order_by_on,
    stockout_on,
    demand_mean_units_per_day,
    on_hand_units::double as on_hand_units,
    on_order_units::double as on_order_units,
    order_quantity_units::double as order_quantity_units,
    order_value_brl::double as order_value_brl,
    days_of_cover_days
from gold.rpt_replenishment
order by item_id, location_id
