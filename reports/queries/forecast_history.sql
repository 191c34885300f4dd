-- What was forecast and what came, by day of the forecast.
select
    * exclude (origin_on),
    origin_on::varchar as origin_on
from gold.forecast_history
order by origin_on, is_challenger, forecast_source, forecast_model_version, category_name, horizon_group
