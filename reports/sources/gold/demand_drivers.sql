-- Item category x driver x lag: how demand goes along with the driver, and what chance alone may give.
select
    category_name,
    driver_name,
    lag_weeks,
    weeks_count,
    correlation,
    noise_limit,
    is_beyond_noise
from gold.rpt_demand_drivers
order by category_name, driver_name, lag_weeks
