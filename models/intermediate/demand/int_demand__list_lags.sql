-- One row per lag, in weeks, at which a driver is held against demand; with the width of what chance alone gives.
select
    driver_noise_deviations,
    unnest(range(driver_longest_lag_weeks + 1))::integer as lag_weeks
from {{ ref('report_settings') }}
