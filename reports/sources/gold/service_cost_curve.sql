-- ABC class x criticality x service level: what it would hold and what it would miss; one row more for what is in force.
select
    abc_class,
    criticality,
    is_in_force,
    service_level,
    pairs_count,
    safety_stock_value_brl::double as safety_stock_value_brl,
    lot_stock_value_brl::double as lot_stock_value_brl,
    stock_value_brl::double as stock_value_brl,
    demand_lines_per_year,
    stocked_out_lines_per_year
from gold.rpt_service_cost_curve
order by abc_class, criticality, is_in_force, service_level
