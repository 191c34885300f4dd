-- Service aimed at and attained per month, for every class and criticality and for all of them ('' stands for all).
select
    month_on::varchar as month_on,
    case when grouping(abc_class) = 1 then '' else abc_class end as abc_class,
    case when grouping(criticality) = 1 then '' else criticality end as criticality,
    sum(pairs_count)::integer as pairs_count,
    sum(service_level_target * pairs_count) / nullif(sum(pairs_count), 0) as service_level_target,
    sum(demand_lines_count)::integer as demand_lines_count,
    sum(lines_met_count)::integer as lines_met_count,
    sum(lines_met_count) / nullif(sum(demand_lines_count), 0)::double as line_fill_rate,
    sum(stocked_days_count) / nullif(sum(pair_days_count), 0)::double as in_stock_rate
from gold.service_level
group by month_on, cube (abc_class, criticality)
order by month_on, abc_class, criticality
