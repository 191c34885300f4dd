-- The same by horizon, category, family, location and item. The baseline is not compared with itself.
select * exclude (first_origin_on, last_origin_on)
from gold.forecast_accuracy
where level_name <> 'total'
order by
    list_position(['horizon', 'category', 'family', 'location', 'item'], level_name),
    member_name,
    is_challenger,
    forecast_source,
    forecast_model_version
