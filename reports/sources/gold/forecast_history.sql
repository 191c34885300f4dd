-- Origin x model x category x horizon: what was forecast and what came, for forecasts whose demand is known.
select
    forecasts.origin_on,
    forecasts.forecast_source,
    forecasts.forecast_model_version,
    forecasts.is_challenger,
    items.category_name,
    forecasts.horizon_group,
    count(*) as forecasts_count,
    sum(forecasts.forecast_units)::double as forecast_units,
    sum(forecasts.actual_units)::double as actual_units
from gold.fact_forecasts as forecasts
left join gold.dim_items as items on forecasts.item_key = items.item_key
where forecasts.actual_units is not null
group by all
order by all
