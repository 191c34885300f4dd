-- Item: who it is, and the buying constraints that shape an order.
select
    item_id,
    item_name,
    category_name,
    family_name,
    unit_code,
    criticality,
    supplier_id,
    unit_cost_brl::double as unit_cost_brl,
    promised_lead_time_days,
    minimum_order_units::double as minimum_order_units,
    pack_size_units::double as pack_size_units
from gold.dim_items
where is_current and item_id in (select plan.item_id from gold.rpt_replenishment as plan)
