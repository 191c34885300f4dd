-- Item kept at several locations: what one shared safety stock would save.
select
    saving_rank,
    item_id,
    item_name,
    category_name,
    unit_code,
    criticality,
    locations_count,
    service_level,
    mean_correlation,
    separate_safety_stock_units::double as separate_safety_stock_units,
    central_safety_stock_units::double as central_safety_stock_units,
    saving_units::double as saving_units,
    saving_brl::double as saving_brl
from gold.rpt_pooling
order by saving_rank
