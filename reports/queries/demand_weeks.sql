-- Demand lines of every week beside the drivers, for each category.
select
    category_name,
    week_on::varchar as week_on,
    demand_lines_count,
    rain_mm as rain,
    temperature_max_mean_celsius as heat,
    storm_days_count as storms,
    holidays_count as holidays,
    exchange_rate_brl as exchange_rate,
    new_stations_5g_count as network_5g
from gold.demand_weeks
order by category_name, week_on
