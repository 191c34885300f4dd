-- One row per item, stocking location, origin, target and model. Not additive: horizons and models overlap.
-- What each model said, the challenger among them, beside what came.
with

delivered as (

    select *
    from {{ ref('stg_forecasts__ml_results') }}

),

challenger as (

    select *
    from {{ ref('int_forecasts__challenge') }}

),

outcomes as (

    select *
    from {{ ref('int_forecasts__measure_outcomes') }}

),

horizon_groups as (

    select *
    from {{ ref('forecast_horizon_groups') }}

),

forecasts as (

    select
        item_id,
        location_id,
        forecast_source,
        forecast_model_version,
        training_dataset_id,
        false as is_challenger,
        horizon_days,
        forecast_units,
        interval_lower_units,
        interval_upper_units,
        q50_units,
        q80_units,
        q90_units,
        q95_units,
        q98_units,
        q99_units,
        origin_on,
        target_on,
        generated_at,
        extracted_at
    from delivered
    union all
    select
        item_id,
        location_id,
        'challenger' as forecast_source,
        'negative_binomial' as forecast_model_version,
        null as training_dataset_id,
        true as is_challenger,
        horizon_days,
        forecast_units,
        null as interval_lower_units,
        null as interval_upper_units,
        q50_units,
        q80_units,
        q90_units,
        q95_units,
        q98_units,
        q99_units,
        origin_on,
        target_on,
        null as generated_at,
        null as extracted_at
    from challenger

)

select
    forecasts.*,
    horizon_groups.horizon_group,
    outcomes.actual_units,
    outcomes.naive_scale_units,
    outcomes.naive_mean_square
from forecasts
left join horizon_groups
    on forecasts.horizon_days between horizon_groups.minimum_days and horizon_groups.maximum_days
left join outcomes
    on
        forecasts.item_id = outcomes.item_id
        and forecasts.location_id = outcomes.location_id
        and forecasts.origin_on = outcomes.origin_on
        and forecasts.target_on = outcomes.target_on
