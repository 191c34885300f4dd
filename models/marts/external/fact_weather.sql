-- Grain: one row per weather station and Bahia day. rain_mm and radiation_sum_kj_per_m2 are additive over days of one
-- station; everything else is not.
-- The weather that drives part of the demand: rain and storms break things, heat wears them out.
-- Incremental by station and day: days with an observation that was read since the last build are written anew.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['station_id', 'observed_on'],
        on_schema_change='fail',
        meta={'gold_order_by': ['station_id', 'observed_on']}
    )
}}

with

daily as (

    select *
    from {{ ref('int_weather__aggregate_daily') }}

)

select
    station_id,
    observed_on,

    hours_observed,
    rain_mm,
    temperature_mean_celsius,
    temperature_max_celsius,
    temperature_min_celsius,
    humidity_mean_pct,
    pressure_mean_hpa,
    wind_mean_metres_per_second,
    gust_max_metres_per_second,
    radiation_sum_kj_per_m2,

    source_extracted_at
from daily
{% if is_incremental() %}
where source_extracted_at > {{ built_until(this) }}
{% endif %}
