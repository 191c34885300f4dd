-- Grain: one row per as-of day (the first of every month, and today), item and stocking location known by then.
-- annual_value_brl is additive within one as-of day, demand_units and annual_demand_units over locations of one item;
-- rates, days, levels and moments are not additive.
-- Every input of every reorder point and the result, as a planner would have had them at the close of the as-of day:
-- nothing that was entered, changed or received later. Today's are the ones that the buy list uses; those of a past day
-- are what a policy may be judged with on the days after it.
-- The item master is kept since its first reading: days before it have the first version of an item.
-- A qualified forecast drives today's reorder points only; those of past days are the challenger's.
-- A view: the rows stand in the intermediate table that computes them day by day.
{{ config(materialized='view', meta={'gold_order_by': ['as_of_on', 'item_id', 'location_id']}) }}

with

today as (

    select *
    from {{ ref('int_planning__apply_forecasts') }}

),

earlier as (

    select parameters.*
    from {{ ref('int_planning__set_parameters') }} as parameters
    cross join {{ ref('int_calendar__as_of') }} as as_of
    where parameters.as_of_on <> as_of.as_of_on

),

parameters as (

    select * from today
    union all by name
    select * from earlier

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

locations as (

    select *
    from {{ ref('dim_locations') }}

)

select
    parameters.as_of_on,
    parameters.planning_on,
    parameters.as_of_on = as_of.as_of_on as is_today,
    parameters.item_id,
    parameters.location_id,
    coalesce(locations.location_key, 'unknown') as location_key,
    parameters.item_key,
    parameters.abc_class,
    parameters.xyz_class,
    parameters.demand_class,
    parameters.criticality,
    parameters.policy,
    parameters.lead_time_source,
    parameters.supplier_id,
    parameters.unit_cost_brl,
    parameters.minimum_order_units,
    parameters.pack_size_units,
    parameters.order_cost_brl,
    parameters.holding_rate_per_year,
    parameters.stocked_out_line_cost_brl,
    parameters.criticality_weight,
    parameters.review_period_days,
    parameters.demand_window_start_on,
    parameters.last_demand_on,
    parameters.demand_history_days,
    parameters.demand_lines_count,
    parameters.demand_days_count,
    parameters.demand_units,
    parameters.demand_mean_units_per_day,
    parameters.demand_std_units_per_day,
    parameters.units_per_line,
    parameters.size_mean_units,
    parameters.size_second_moment,
    parameters.size_third_moment,
    parameters.average_interval_days,
    parameters.size_squared_cv,
    parameters.demand_months_count,
    parameters.monthly_cv,
    parameters.swing_squared_cv,
    parameters.is_demand_ended,
    parameters.annual_demand_units,
    parameters.annual_value_brl,
    parameters.item_annual_value_brl,
    parameters.value_share_before,
    parameters.lead_time_mean_days,
    parameters.lead_time_std_days,
    parameters.lead_time_p85_days,
    parameters.lead_time_receipts_count,
    parameters.promised_lead_time_days,
    parameters.service_level_target,
    parameters.fill_rate_target,
    parameters.service_level,
    parameters.z_score,
    parameters.interval_demand_units,
    parameters.interval_std_units,
    parameters.swing_variance_units,
    parameters.undershoot_mean_units,
    parameters.undershoot_variance_units,
    parameters.protection_mean_units,
    parameters.protection_variance_units,
    parameters.lot_bounded_units,
    parameters.computed_order_quantity_units,
    parameters.computed_reorder_point_units,
    parameters.normal_reorder_point_units,
    parameters.legacy_reorder_point_units,
    parameters.safety_stock_units,
    parameters.reorder_point_units,
    parameters.economic_order_quantity_units,
    parameters.order_up_to_units,
    parameters.is_overridden,
    parameters.override_author_role,
    parameters.override_reason,
    coalesce(parameters.is_forecast_driven, false) as is_forecast_driven,
    parameters.forecast_status,
    parameters.forecast_source,
    parameters.forecast_model_version,
    parameters.is_valid,
    parameters.invalid_reason
from parameters
cross join as_of
left join locations
    on parameters.location_id = locations.location_id
