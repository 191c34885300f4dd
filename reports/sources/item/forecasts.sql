-- Item x location x model: the newest forecast of the model that the plan looked at, and of the simple baseline.
with known as (
    select
        forecasts.*,
        row_number() over (
            partition by
                forecasts.item_id, forecasts.location_id, forecasts.forecast_source, forecasts.forecast_model_version
            order by forecasts.origin_on desc, forecasts.target_on desc
        ) as age_rank
    from gold.fact_forecasts as forecasts
    inner join gold.rpt_replenishment as plan
        on
            forecasts.item_id = plan.item_id
            and forecasts.location_id = plan.location_id
            and (
                forecasts.is_challenger
                or (
                    forecasts.forecast_source = plan.forecast_source
                    and forecasts.forecast_model_version = plan.forecast_model_version
                )
            )
)

select
    item_id,
    location_id,
    forecast_source,
    forecast_model_version,
    training_dataset_id,
    is_challenger,
    horizon_days,
    forecast_units::double as forecast_units,
    interval_lower_units::double as interval_lower_units,
    interval_upper_units::double as interval_upper_units,
    q50_units::double as q50_units,
    q80_units::double as q80_units,
    q90_units::double as q90_units,
    q95_units::double as q95_units,
    q98_units::double as q98_units,
    q99_units::double as q99_units,
    origin_on::varchar as origin_on,
    target_on::varchar as target_on,
    strftime(generated_at, '%Y-%m-%dT%H:%M:%SZ') as generated_at,
    strftime(source_extracted_at, '%Y-%m-%dT%H:%M:%SZ') as received_at
from known
where age_rank = 1
order by item_id, location_id, is_challenger, forecast_source
