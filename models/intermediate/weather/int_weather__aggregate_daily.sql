-- One row per station and Bahia day with an observation. Rain and radiation are additive over days, the rest is not.
-- An hour counts as observed if any instrument answered; a day without a single value of an instrument stays NULL.
with

observations as (

    select *
    from {{ ref('stg_inmet__observations') }}

)

select
    station_id,
    observed_on,

    count(*) filter (
        where
        coalesce(rain_mm, temperature_celsius, humidity_pct, pressure_hpa, wind_metres_per_second) is not null
    )::integer as hours_observed,
    sum(rain_mm)::double as rain_mm,
    sum(temperature_celsius)::double / count(temperature_celsius) as temperature_mean_celsius,
    max(greatest(temperature_max_celsius, temperature_celsius))::double as temperature_max_celsius,
    min(least(temperature_min_celsius, temperature_celsius))::double as temperature_min_celsius,
    sum(humidity_pct)::double / count(humidity_pct) as humidity_mean_pct,
    sum(pressure_hpa)::double / count(pressure_hpa) as pressure_mean_hpa,
    sum(wind_metres_per_second)::double / count(wind_metres_per_second) as wind_mean_metres_per_second,
    max(gust_metres_per_second)::double as gust_max_metres_per_second,
    -- the pyranometer reads slightly below zero at night
    sum(greatest(radiation_kj_per_m2, 0))::double as radiation_sum_kj_per_m2,

    max(extracted_at) as source_extracted_at
from observations
group by station_id, observed_on
