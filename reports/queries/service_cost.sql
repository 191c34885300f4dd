-- Stock and missed lines a year per service level, for every class and criticality and for all of them ('' stands for
-- all). The row in force has the mean level of its items.
with compared as (
    select
        *,
        case when is_in_force then null else service_level end as fixed_level
    from gold.service_cost_curve
)

select
    case when grouping(abc_class) = 1 then '' else abc_class end as abc_class,
    case when grouping(criticality) = 1 then '' else criticality end as criticality,
    is_in_force,
    coalesce(fixed_level, sum(service_level * pairs_count) / sum(pairs_count)) as service_level,
    sum(pairs_count)::integer as pairs_count,
    sum(safety_stock_value_brl) as safety_stock_value_brl,
    sum(lot_stock_value_brl) as lot_stock_value_brl,
    sum(stock_value_brl) as stock_value_brl,
    sum(demand_lines_per_year) as demand_lines_per_year,
    sum(stocked_out_lines_per_year) as stocked_out_lines_per_year,
    1 - sum(stocked_out_lines_per_year) / nullif(sum(demand_lines_per_year), 0) as expected_fill_rate
from compared
group by is_in_force, fixed_level, cube (abc_class, criticality)
order by abc_class, criticality, is_in_force, service_level
