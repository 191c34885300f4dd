-- Level x member x model: how far the forecasts were off, and what they add over the simple baseline.
select
    accuracy.level_name,
    accuracy.member_id,
    case accuracy.level_name
        when 'item' then items.item_name
        when 'location' then locations.location_name
        else accuracy.member_id
    end as member_name,
    accuracy.forecast_source,
    accuracy.forecast_model_version,
    accuracy.is_challenger,
    accuracy.forecasts_count,
    accuracy.origins_count,
    accuracy.series_count,
    accuracy.first_origin_on,
    accuracy.last_origin_on,
    accuracy.actual_units::double as actual_units,
    accuracy.forecast_units::double as forecast_units,
    accuracy.wape,
    accuracy.bias,
    accuracy.mase,
    accuracy.coverage_q80,
    accuracy.coverage_q95,
    accuracy.challenged_forecasts_count,
    accuracy.forecast_value_added
from gold.rpt_forecast_accuracy as accuracy
left join gold.dim_items as items
    on accuracy.level_name = 'item' and accuracy.member_id = items.item_id and items.is_current
left join gold.dim_locations as locations
    on accuracy.level_name = 'location' and accuracy.member_id = locations.location_id
order by accuracy.level_name, accuracy.member_id, accuracy.forecast_source, accuracy.forecast_model_version
