-- The demand held against a forecast is the sum of fact_demand over the days after the origin up to the target; on the
-- newest origin of each model whose horizons are all over.
with

known as (

    select
        item_id,
        location_id,
        forecast_source,
        forecast_model_version,
        origin_on,
        target_on,
        actual_units
    from {{ ref('fact_forecasts') }}
    qualify count(*) filter (where actual_units is null) over (partition by forecast_source, origin_on) = 0

),

newest as (

    select *
    from known
    qualify origin_on = max(origin_on) over (partition by forecast_source, forecast_model_version)

),

demand as (

    select
        newest.item_id,
        newest.location_id,
        newest.forecast_source,
        newest.forecast_model_version,
        newest.origin_on,
        newest.target_on,
        newest.actual_units,
        coalesce(sum(facts.demand_units), 0) as demand_units
    from newest
    left join {{ ref('fact_demand') }} as facts
        on
            newest.item_id = facts.item_id
            and newest.location_id = facts.location_id
            and newest.origin_on < facts.demand_on
            and newest.target_on >= facts.demand_on
    group by all

)

select *
from demand
where actual_units <> demand_units
