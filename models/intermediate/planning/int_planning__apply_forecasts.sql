-- One row per item and stocking location that planning looks at, today, with all parameters of that day. Annual value
-- is additive; rates, days, levels and moments are not.
-- A forecast from outside drives the reorder point where it has qualified, the policy asks for a quantile of demand,
-- and no planner has overridden it; everywhere else the parameters stay what the challenger's moments make them, and
-- forecast_status says why. What was computed without the forecast stays in computed_reorder_point_units.
{{ config(materialized='table') }}

with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

parameters as (

    select parameters.*
    from {{ ref('int_planning__set_parameters') }} as parameters
    inner join as_of
        on parameters.as_of_on = as_of.as_of_on

),

forecasts as (

    select *
    from {{ ref('int_forecasts__qualify') }}

),

asked as (

    select
        parameters.item_id,
        parameters.location_id,
        forecasts.forecast_status,
        forecasts.forecast_source,
        forecasts.forecast_model_version,
        forecasts.forecast_origin_on,
        forecasts.forecast_units / nullif(forecasts.horizon_ratio, 0) + parameters.undershoot_mean_units as mean_units,
        case
            when
                forecasts.is_qualified
                and parameters.policy in ('cost_based', 'cycle_service')
                and not parameters.is_overridden
                then ceil({{ forecast_reorder_point(
                    'forecasts.forecast_units',
                    forecast_quantile(
                        'parameters.z_score', 'forecasts.q50_units', 'forecasts.q80_units', 'forecasts.q90_units',
                        'forecasts.q95_units', 'forecasts.q98_units', 'forecasts.q99_units'
                    ),
                    'forecasts.horizon_ratio',
                    'parameters.undershoot_mean_units',
                    'power(parameters.demand_mean_units_per_day * parameters.lead_time_std_days, 2)'
                    ~ ' + parameters.undershoot_variance_units',
                    'parameters.z_score'
                ) }})
        end as asked_units
    from parameters
    left join forecasts
        on
            parameters.item_id = forecasts.item_id
            and parameters.location_id = forecasts.location_id

),

driven as (

    select
        *,
        try_cast(asked_units as decimal(18, 3)) as driven_units
    from asked

)

select
    parameters.* replace (
        coalesce(driven.driven_units, parameters.reorder_point_units) as reorder_point_units,
        case
            when driven.driven_units is null then parameters.safety_stock_units
            else greatest(driven.driven_units - driven.mean_units, 0)
        end::decimal(18, 3) as safety_stock_units,
        coalesce(driven.driven_units + parameters.computed_order_quantity_units, parameters.order_up_to_units)
        ::decimal(18, 3) as order_up_to_units
    ),
    driven.driven_units is not null as is_forecast_driven,
    coalesce(driven.forecast_status, 'no_forecast') as forecast_status,
    driven.forecast_source,
    driven.forecast_model_version,
    driven.forecast_origin_on
from parameters
inner join driven
    on
        parameters.item_id = driven.item_id
        and parameters.location_id = driven.location_id
