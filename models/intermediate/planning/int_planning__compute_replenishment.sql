-- One row per item and stocking location that planning looks at, at the close of the as-of day. Units are additive over
-- locations of one item, BRL over everything; rates, days and levels are not.
-- Holds today's parameters against today's position: order when the position is at or below the reorder point, up to
-- the maximum. What cannot be computed is NULL, never a guess.
{{ config(materialized='table') }}

with

positions as (

    select *
    from {{ ref('int_inventory__take_position') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}
    where is_current

),

settings as (

    select *
    from {{ ref('policy_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

parameters as (

    select *
    from {{ ref('int_planning__apply_forecasts') }}

),

segments as (

    select *
    from {{ ref('policy_segments') }}

),

joined as (

    select
        positions.item_id,
        positions.location_id,

        as_of.as_of_on,
        as_of.planning_on,
        settings.approaching_days,
        settings.cover_horizon_days,

        items.unit_cost_brl,
        items.minimum_order_units,
        items.pack_size_units,

        positions.on_hand_units,
        positions.on_order_units,
        positions.backordered_units,
        positions.position_units,

        parameters.demand_mean_units_per_day,
        parameters.demand_std_units_per_day,
        parameters.demand_history_days,
        parameters.demand_class,
        parameters.xyz_class,
        parameters.abc_class,
        parameters.is_demand_ended,
        parameters.last_demand_on,
        parameters.units_per_line,
        parameters.annual_demand_units,
        parameters.lead_time_mean_days,
        parameters.lead_time_std_days,
        parameters.lead_time_p85_days,
        parameters.lead_time_receipts_count,
        parameters.lead_time_source,
        parameters.promised_lead_time_days,
        parameters.review_period_days,
        parameters.policy,
        parameters.holding_rate_per_year,
        parameters.order_cost_brl,
        parameters.stocked_out_line_cost_brl,
        parameters.criticality_weight,
        parameters.service_level,
        parameters.z_score,
        parameters.interval_demand_units,
        parameters.interval_std_units,
        parameters.swing_variance_units,
        parameters.undershoot_mean_units,
        parameters.protection_mean_units,
        parameters.protection_variance_units,
        parameters.lot_bounded_units,
        parameters.safety_stock_units,
        parameters.reorder_point_units,
        parameters.computed_reorder_point_units,
        parameters.normal_reorder_point_units,
        parameters.legacy_reorder_point_units,
        parameters.economic_order_quantity_units,
        parameters.order_up_to_units,
        parameters.override_author_role,
        parameters.override_reason,
        parameters.forecast_status,
        parameters.forecast_source,
        parameters.forecast_model_version,
        coalesce(parameters.is_forecast_driven, false) as is_forecast_driven,
        case when parameters.policy = 'min_max' then segments.minimum_cover_days::integer end as minimum_cover_days,
        case when parameters.policy = 'min_max' then segments.maximum_cover_days::integer end as maximum_cover_days,
        parameters.is_valid,
        parameters.invalid_reason,
        coalesce(parameters.is_overridden, false) as is_overridden,
        coalesce(parameters.demand_mean_units_per_day > 0 or parameters.is_overridden, false) as is_planned
    from positions
    cross join settings
    cross join as_of
    inner join items
        on positions.item_id = items.item_id
    left join parameters
        on
            positions.item_id = parameters.item_id
            and positions.location_id = parameters.location_id
    left join segments
        on
            parameters.policy = segments.policy
            and parameters.abc_class = segments.abc_class
            and parameters.criticality = segments.criticality

),

due as (

    select
        *,
        coalesce(is_planned and position_units <= reorder_point_units, false) as is_below_reorder_point
    from joined

),

ordered as (

    select
        *,
        case
            when is_below_reorder_point
                then try_cast(
                    {{ round_up_to_lot(
                        'greatest(order_up_to_units - position_units, 0)', 'minimum_order_units', 'pack_size_units'
                    ) }} as decimal(18, 3)
                    )
            when is_planned and reorder_point_units is null then null
            else 0
        end::decimal(18, 3) as order_quantity_units,
        {{ expected_shortage('position_units', 'interval_demand_units', 'interval_std_units') }}
            as expected_short_units,
        expected_short_units / units_per_line as expected_short_lines,
        case when demand_mean_units_per_day > 0
                then greatest(on_hand_units, 0)::double / demand_mean_units_per_day
        end as days_of_cover_days,
        case
            when is_below_reorder_point then 0
            when demand_mean_units_per_day > 0
                then floor((position_units - reorder_point_units)::double / demand_mean_units_per_day)
        end as days_to_order_days
    from due

),

valued as (

    select
        *,
        (order_quantity_units * unit_cost_brl)::decimal(18, 2) as order_value_brl,
        try_cast(
            expected_short_lines * stocked_out_line_cost_brl * criticality_weight as decimal(18, 2)
        ) as risk_brl,
        coalesce(
            order_quantity_units > 0
            and position_units + order_quantity_units
            > reorder_point_units + coalesce(lot_bounded_units, 0) + annual_demand_units,
            false
        ) as is_excess_after_order
    from ordered

),

per_brl as (

    select
        *,
        case when order_value_brl > 0 then risk_brl::double / order_value_brl::double end as risk_per_brl_spent
    from valued

),

ranked as (

    select
        *,
        row_number() over (
            partition by is_below_reorder_point
            order by risk_per_brl_spent desc nulls last, item_id asc, location_id asc
        ) as risk_rank
    from per_brl

)

select
    item_id,
    location_id,

    as_of_on,
    planning_on,

    unit_cost_brl,
    minimum_order_units,
    pack_size_units,
    demand_mean_units_per_day,
    demand_std_units_per_day,
    demand_history_days,
    demand_class,
    xyz_class,
    abc_class,
    is_demand_ended,
    last_demand_on,
    units_per_line,
    annual_demand_units,
    lead_time_mean_days,
    lead_time_std_days,
    lead_time_p85_days,
    lead_time_receipts_count,
    lead_time_source,
    promised_lead_time_days,
    review_period_days,
    policy,
    minimum_cover_days,
    maximum_cover_days,
    holding_rate_per_year,
    order_cost_brl,
    stocked_out_line_cost_brl,
    criticality_weight,
    service_level,
    z_score,
    swing_variance_units,
    undershoot_mean_units,
    protection_mean_units,
    protection_variance_units,

    safety_stock_units,
    reorder_point_units,
    computed_reorder_point_units,
    normal_reorder_point_units,
    legacy_reorder_point_units,
    economic_order_quantity_units,
    order_up_to_units,
    is_overridden,
    override_author_role,
    override_reason,
    is_forecast_driven,
    coalesce(forecast_status, 'no_forecast') as forecast_status,
    forecast_source,
    forecast_model_version,
    coalesce(is_valid, true) as is_valid,
    invalid_reason,

    on_hand_units,
    on_order_units,
    backordered_units,
    position_units,
    is_below_reorder_point,
    order_quantity_units,
    order_value_brl,
    is_excess_after_order,
    expected_short_lines,
    risk_brl,
    risk_per_brl_spent,
    case when is_below_reorder_point then risk_rank end::integer as order_priority,

    days_of_cover_days,
    -- the stock of the as-of evening serves the planning day first
    case when days_of_cover_days <= cover_horizon_days
            then planning_on + floor(days_of_cover_days)::integer
    end as stockout_on,
    case when days_to_order_days <= cover_horizon_days
            then planning_on + days_to_order_days::integer
    end as order_by_on,
    case
        when not is_planned then 'no_demand'
        when is_below_reorder_point then 'order_now'
        -- a reorder point that cannot be computed needs a person, so it is never shown as fine
        when reorder_point_units is null then 'approaching'
        when days_to_order_days <= approaching_days then 'approaching'
        else 'ok'
    end as status
from ranked
