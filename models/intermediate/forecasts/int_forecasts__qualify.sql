-- One row per item and stocking location that planning looks at, today. Not additive.
-- The forecast that may drive the reorder point: of the models that beat the challenger in the item's category, the one
-- with the smallest loss whose newest forecast is fresh and fits the protection interval. Where there is none, the row
-- says why, and the challenger decides.
{{ config(materialized='table') }}

with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

settings as (

    select *
    from {{ ref('forecast_settings') }}

),

policy_settings as (

    select *
    from {{ ref('policy_settings') }}

),

pairs as (

    select moments.*
    from {{ ref('int_demand__measure_moments') }} as moments
    inner join as_of
        on moments.as_of_on = as_of.as_of_on

),

lead_times as (

    select lead_times.*
    from {{ ref('int_supply__measure_lead_times') }} as lead_times
    inner join as_of
        on lead_times.as_of_on = as_of.as_of_on

),

items as (

    select *
    from {{ ref('int_items__history') }}
    where is_current

),

segments as (

    select *
    from {{ ref('int_forecasts__score_segments') }}

),

forecasts as (

    select forecasts.*
    from {{ ref('stg_forecasts__ml_results') }} as forecasts
    inner join as_of
        on forecasts.origin_on <= as_of.as_of_on

),

-- of each model the newest origin, and of its horizons the one nearest to the protection interval
nearest as (

    select
        forecasts.*,
        lead_times.lead_time_mean_days + policy_settings.review_period_days as protection_days,
        forecasts.horizon_days
        / nullif(lead_times.lead_time_mean_days + policy_settings.review_period_days, 0) as horizon_ratio,
        row_number() over (
            partition by
                forecasts.item_id, forecasts.location_id, forecasts.forecast_source, forecasts.forecast_model_version
            order by
                forecasts.origin_on desc,
                abs(
                    forecasts.horizon_days - lead_times.lead_time_mean_days - policy_settings.review_period_days
                ) asc nulls last,
                forecasts.target_on asc
        ) as nearness_rank
    from forecasts
    cross join policy_settings
    left join lead_times
        on forecasts.item_id = lead_times.item_id

),

judged as (

    select
        nearest.*,
        segments.loss_ratio,
        segments.coverage,
        segments.scored_origins_count,
        segments.won_origins_count,
        case
            when as_of.as_of_on - nearest.origin_on > settings.forecast_maximum_age_days then 'stale'
            when segments.segment_status is null then 'too_few_scored'
            when segments.segment_status <> 'qualified' then segments.segment_status
            when nearest.horizon_ratio between settings.horizon_minimum_ratio and settings.horizon_maximum_ratio
                then 'qualified'
            else 'other_horizon'
        end as forecast_status
    from nearest
    cross join as_of
    cross join settings
    left join items
        on nearest.item_id = items.item_id
    left join segments
        on
            items.category_name = segments.category_name
            and nearest.forecast_source = segments.forecast_source
            and nearest.forecast_model_version = segments.forecast_model_version
    where nearest.nearness_rank = 1

),

ranked as (

    select
        *,
        row_number() over (
            partition by item_id, location_id
            order by
                (forecast_status = 'qualified') desc,
                loss_ratio asc nulls last,
                origin_on desc,
                forecast_source asc,
                forecast_model_version asc
        ) as preference
    from judged

)

select
    pairs.item_id,
    pairs.location_id,

    pairs.as_of_on,
    coalesce(ranked.forecast_status, 'no_forecast') as forecast_status,
    coalesce(ranked.forecast_status = 'qualified', false) as is_qualified,
    ranked.forecast_source,
    ranked.forecast_model_version,
    ranked.origin_on as forecast_origin_on,
    ranked.generated_at as forecast_generated_at,

    ranked.horizon_days,
    ranked.horizon_ratio,
    ranked.forecast_units,
    ranked.q50_units,
    ranked.q80_units,
    ranked.q90_units,
    ranked.q95_units,
    ranked.q98_units,
    ranked.q99_units,

    ranked.loss_ratio,
    ranked.coverage,
    ranked.scored_origins_count,
    ranked.won_origins_count
from pairs
left join ranked
    on
        pairs.item_id = ranked.item_id
        and pairs.location_id = ranked.location_id
        and ranked.preference = 1
