-- One row per station and Bahia day with an observation. Rain and radiation are additive over days, the rest is not.
-- An hour counts as observed if any instrument answered; a day without a single value of an instrument stays NULL. A
-- value that cannot be, such as humidity above 100 %, counts as not sent; staging keeps it and flags it.
-- A table: the fact, the choice of stations and their tests would each read every hour again.
{{ config(materialized='table') }}

with

observations as (

    select
        *,
        case when rain_mm >= 0 then rain_mm end as possible_rain_mm,
        case when humidity_pct between 0 and 100 then humidity_pct end as possible_humidity_pct,
        case when pressure_hpa > 0 then pressure_hpa end as possible_pressure_hpa,
        case when wind_metres_per_second >= 0 then wind_metres_per_second end as possible_wind_metres_per_second,
        case when gust_metres_per_second >= 0 then gust_metres_per_second end as possible_gust_metres_per_second
    from {{ ref('stg_inmet__observations') }}

)

select
    station_id,
    observed_on,

    arg_max(latitude, observed_at) as latitude,
    arg_max(longitude, observed_at) as longitude,
    count(*) filter (
        where
        coalesce(
            possible_rain_mm,
            temperature_celsius,
            possible_humidity_pct,
            possible_pressure_hpa,
            possible_wind_metres_per_second
        ) is not null
    )::integer as hours_observed,
    count(possible_rain_mm)::integer as rain_hours,
    count(temperature_celsius)::integer as temperature_hours,
    sum(possible_rain_mm)::double as rain_mm,
    sum(temperature_celsius)::double / count(temperature_celsius) as temperature_mean_celsius,
    max(greatest(temperature_max_celsius, temperature_celsius))::double as temperature_max_celsius,
    min(least(temperature_min_celsius, temperature_celsius))::double as temperature_min_celsius,
    sum(possible_humidity_pct)::double / count(possible_humidity_pct) as humidity_mean_pct,
    sum(possible_pressure_hpa)::double / count(possible_pressure_hpa) as pressure_mean_hpa,
    sum(possible_wind_metres_per_second)::double
    / count(possible_wind_metres_per_second) as wind_mean_metres_per_second,
    max(possible_gust_metres_per_second)::double as gust_max_metres_per_second,
    -- the pyranometer reads slightly below zero at night; `greatest` alone would make zero of a value that is not there
    sum(greatest(radiation_kj_per_m2, 0)) filter (where radiation_kj_per_m2 is not null)::double
        as radiation_sum_kj_per_m2,

    max(extracted_at) as source_extracted_at
from observations
group by station_id, observed_on
