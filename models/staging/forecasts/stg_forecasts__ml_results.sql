-- One row per item, stocking location, origin, target and model: of what was delivered more than once, the run that was
-- generated last.
{%- set forecast = 'item_id, location_id, origin_date, target_date, source, model_version' %}
with

newest_runs as (

    select *
    from {{ source('forecasts', 'ml_results') }}
    where {{ latest_per_key(source('forecasts', 'ml_results'), forecast, 'generated_at') }}

),

delivered as (

    select *
    from newest_runs
    where {{ latest_per_key('newest_runs', forecast) }}

),

renamed as (

    select
        item_id,
        location_id,
        source as forecast_source,
        model_version as forecast_model_version,
        dataset_id as training_dataset_id,

        horizon_days,
        forecasted_demand::decimal(18, 3) as forecast_units,
        ci_lower::decimal(18, 3) as interval_lower_units,
        ci_upper::decimal(18, 3) as interval_upper_units,
        q50::decimal(18, 3) as q50_units,
        q80::decimal(18, 3) as q80_units,
        q90::decimal(18, 3) as q90_units,
        q95::decimal(18, 3) as q95_units,
        q98::decimal(18, 3) as q98_units,
        q99::decimal(18, 3) as q99_units,

        origin_date as origin_on,
        target_date as target_on,
        generated_at,
        _extracted_at as extracted_at
    from delivered

)

select * from renamed
