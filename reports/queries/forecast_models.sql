-- Every model over everything that could be judged: the external ones first, the best of them on top.
select
    * exclude (first_origin_on, last_origin_on),
    first_origin_on::varchar as first_origin_on,
    last_origin_on::varchar as last_origin_on
from gold.forecast_accuracy
where level_name = 'total'
order by is_challenger, forecast_value_added desc nulls last, forecast_source, forecast_model_version
