-- One row per question: the demand of an item at a stocking location over the days after an origin up to a target.
-- Whatever a model was asked the challenger answers too, and at each of the newest month starts it is asked about the
-- protection interval of that day. Origins of others than month starts are answered with what the month start before
-- knew.
{{ config(materialized='table') }}

with

settings as (

    select *
    from {{ ref('forecast_settings') }}

),

policy_settings as (

    select *
    from {{ ref('policy_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

forecasts as (

    select *
    from {{ ref('stg_forecasts__ml_results') }}

),

month_starts as (

    select days.as_of_on
    from {{ ref('int_planning__list_as_of_days') }} as days
    cross join as_of
    cross join settings
    where
        day(days.as_of_on) = 1
        and days.as_of_on > as_of.as_of_on - to_months(settings.challenger_origins_count)

),

own as (

    select
        moments.item_id,
        moments.location_id,
        moments.as_of_on as origin_on,
        moments.as_of_on
        + ceil(lead_times.lead_time_mean_days + policy_settings.review_period_days)::integer as target_on
    from {{ ref('int_demand__measure_moments') }} as moments
    cross join policy_settings
    inner join month_starts
        on moments.as_of_on = month_starts.as_of_on
    inner join {{ ref('int_supply__measure_lead_times') }} as lead_times
        on
            moments.as_of_on = lead_times.as_of_on
            and moments.item_id = lead_times.item_id
    where
        moments.demand_mean_units_per_day > 0
        and lead_times.lead_time_mean_days is not null

),

questions as (

    select
        item_id,
        location_id,
        origin_on,
        target_on
    from own
    union
    select
        item_id,
        location_id,
        origin_on,
        target_on
    from forecasts

)

select
    item_id,
    location_id,

    origin_on,
    target_on,
    (target_on - origin_on)::integer as horizon_days,
    date_trunc('month', origin_on)::date as month_start_on
from questions
