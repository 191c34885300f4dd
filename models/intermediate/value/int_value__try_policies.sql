-- One row per as-of day, item, location, candidate policy and knob. Nothing is additive.
-- What each candidate policy would have set as reorder point and lot, from the parameters as they were known on the
-- as-of day and by the same macros as the policy in force. The policy backtest reads it; no report does.
{{ config(materialized='view') }}

with

parameters as (

    select *
    from {{ ref('int_planning__set_parameters') }}

),

candidates as (

    select *
    from {{ ref('policy_candidates') }}

),

tried as (

    select
        parameters.as_of_on,
        parameters.planning_on,
        parameters.item_id,
        parameters.location_id,
        candidates.policy,
        candidates.knob,

        parameters.abc_class,
        parameters.criticality,
        parameters.demand_mean_units_per_day,
        parameters.demand_std_units_per_day,
        parameters.lead_time_mean_days,
        parameters.interval_demand_units,
        parameters.interval_std_units,
        parameters.protection_mean_units,
        parameters.protection_variance_units,
        parameters.legacy_reorder_point_units,
        parameters.computed_order_quantity_units as lot_units,
        -- nothing is asked for any more: every policy stops ordering
        parameters.demand_mean_units_per_day > 0 and not parameters.is_demand_ended as is_asked_for,
        case
            when candidates.policy = 'cost_based'
                then {{ cost_based_service_level(
                    'parameters.holding_rate_per_year', 'parameters.unit_cost_brl',
                    'parameters.computed_order_quantity_units', 'parameters.units_per_line',
                    'parameters.annual_demand_units', 'candidates.knob', 'parameters.criticality_weight'
                ) }}
            when candidates.policy = 'negative_binomial' then candidates.knob
        end as quantile_level,
        case when candidates.policy = 'fill_rate'
                then {{ fill_rate_safety_factor(
                    'candidates.knob', 'parameters.computed_order_quantity_units',
                    'sqrt(parameters.protection_variance_units)'
                ) }}
        end as fill_rate_factor,
        case when candidates.policy = 'normal' then {{ normal_quantile('candidates.knob') }} end as z_score
    from parameters
    cross join candidates

),

pointed as (

    select
        *,
        case
            when not is_asked_for then null
            when policy in ('cost_based', 'negative_binomial')
                then {{ lead_time_demand_quantile(
                    'quantile_level', 'protection_mean_units', 'protection_variance_units'
                ) }}
            when policy = 'normal' then interval_demand_units + z_score * interval_std_units
            when policy = 'fill_rate'
                then protection_mean_units + greatest(fill_rate_factor, 0) * sqrt(protection_variance_units)
            when policy = 'legacy' then legacy_reorder_point_units
            when policy = 'legacy_measured'
                then {{ legacy_reorder_point(
                    'demand_mean_units_per_day', 'lead_time_mean_days', 'demand_std_units_per_day'
                ) }}
        end::double as reorder_point_raw_units
    from tried

)

select
    as_of_on,
    planning_on,
    item_id,
    location_id,
    policy,
    knob,

    abc_class,
    criticality,
    case when reorder_point_raw_units is not null then greatest(reorder_point_raw_units, 0) end as reorder_point_units,
    lot_units::double as lot_units
from pointed
