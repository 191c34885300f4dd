-- One row per item and stocking location that planning looks at, at the close of the as-of day. Units are additive over
-- locations of one item; everything else is not.
-- The continuous (s, S) policy with daily review: order when the position is at or below the reorder point, up to the
-- reorder point plus one economic lot. What cannot be computed is NULL, never a guess.
{{ config(materialized='table') }}

with

positions as (

    select *
    from {{ ref('int_inventory__take_position') }}

),

rates as (

    select *
    from {{ ref('int_demand__estimate_rates') }}

),

lead_times as (

    select *
    from {{ ref('int_supply__estimate_lead_times') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}
    where is_current

),

service_levels as (

    select *
    from {{ ref('policy_service_levels') }}

),

settings as (

    select *
    from {{ ref('policy_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

inputs as (

    select
        positions.item_id,
        positions.location_id,

        as_of.as_of_on,
        as_of.planning_on,

        items.unit_cost_brl,
        items.minimum_order_units,
        items.pack_size_units,

        rates.demand_mean_units_per_day,
        rates.demand_std_units_per_day,
        rates.demand_history_days,
        lead_times.lead_time_mean_days,
        lead_times.lead_time_std_days,
        lead_times.lead_time_receipts_count,
        lead_times.lead_time_source,
        service_levels.service_level,
        settings.review_period_days,
        settings.order_cost_brl,
        settings.holding_rate_per_year,
        settings.eoq_minimum_days,
        settings.eoq_maximum_days,
        settings.approaching_days,
        settings.cover_horizon_days,

        positions.on_hand_units,
        positions.on_order_units,
        positions.backordered_units,
        positions.position_units
    from positions
    cross join settings
    cross join as_of
    inner join items
        on positions.item_id = items.item_id
    left join rates
        on
            positions.item_id = rates.item_id
            and positions.location_id = rates.location_id
    left join lead_times
        on positions.item_id = lead_times.item_id
    left join service_levels
        on items.criticality = service_levels.criticality

),

policy as (

    select
        *,
        {{ normal_quantile('service_level') }} as z_score,
        {{ safety_stock(
            'demand_mean_units_per_day', 'lead_time_mean_days', 'demand_std_units_per_day', 'service_level',
            'lead_time_std_days', 'review_period_days'
        ) }} as safety_stock_raw_units,
        {{ reorder_point(
            'demand_mean_units_per_day', 'lead_time_mean_days', 'demand_std_units_per_day', 'service_level',
            'lead_time_std_days', 'review_period_days'
        ) }} as reorder_point_raw_units,
        {{ economic_order_quantity(
            'demand_mean_units_per_day * 365', 'order_cost_brl', 'holding_rate_per_year * unit_cost_brl'
        ) }} as lot_raw_units
    from inputs

),

rounded as (

    select
        *,
        case when safety_stock_raw_units is not null
                then try_cast(greatest(safety_stock_raw_units, 0) as decimal(18, 3))
        end as safety_stock_units,
        case when reorder_point_raw_units is not null
                then try_cast(greatest(reorder_point_raw_units, 0) as decimal(18, 3))
        end as reorder_point_units,
        {{ bounded(
            'lot_raw_units',
            'demand_mean_units_per_day * eoq_minimum_days',
            'demand_mean_units_per_day * eoq_maximum_days'
        ) }} as lot_bounded_units
    from policy

),

lots as (

    select
        *,
        try_cast(
            {{ round_up_to_lot('lot_bounded_units', 'minimum_order_units', 'pack_size_units') }} as decimal(18, 3)
        ) as economic_order_quantity_units,
        coalesce(
            demand_mean_units_per_day > 0 and position_units <= reorder_point_units, false
        ) as is_below_reorder_point
    from rounded

),

orders as (

    select
        *,
        (reorder_point_units + economic_order_quantity_units)::decimal(18, 3) as order_up_to_units,
        case
            when is_below_reorder_point
                then try_cast(
                    {{ round_up_to_lot(
                        'reorder_point_units + economic_order_quantity_units - position_units',
                        'minimum_order_units',
                        'pack_size_units'
                    ) }} as decimal(18, 3)
                    )
            when demand_mean_units_per_day > 0 and reorder_point_units is null then null
            else 0
        end::decimal(18, 3) as order_quantity_units,
        case when demand_mean_units_per_day > 0
                then greatest(on_hand_units, 0)::double / demand_mean_units_per_day
        end as days_of_cover_days,
        case
            when is_below_reorder_point then 0
            when demand_mean_units_per_day > 0
                then floor((position_units - reorder_point_units)::double / demand_mean_units_per_day)
        end as days_to_order_days
    from lots

)

select
    item_id,
    location_id,

    as_of_on,
    planning_on,

    unit_cost_brl,
    demand_mean_units_per_day,
    demand_std_units_per_day,
    demand_history_days,
    lead_time_mean_days,
    lead_time_std_days,
    lead_time_receipts_count,
    lead_time_source,
    review_period_days,
    service_level,
    z_score,

    safety_stock_units,
    reorder_point_units,
    economic_order_quantity_units,
    order_up_to_units,

    on_hand_units,
    on_order_units,
    backordered_units,
    position_units,
    is_below_reorder_point,
    order_quantity_units,
    (order_quantity_units * unit_cost_brl)::decimal(18, 2) as order_value_brl,

    days_of_cover_days,
    -- the stock of the as-of evening serves the planning day first
    case when days_of_cover_days <= cover_horizon_days
            then planning_on + floor(days_of_cover_days)::integer
    end as stockout_on,
    case when days_to_order_days <= cover_horizon_days
            then planning_on + days_to_order_days::integer
    end as order_by_on,
    case
        when coalesce(demand_mean_units_per_day, 0) = 0 then 'no_demand'
        when is_below_reorder_point then 'order_now'
        -- a reorder point that cannot be computed needs a person, so it is never shown as fine
        when reorder_point_units is null then 'approaching'
        when days_to_order_days <= approaching_days then 'approaching'
        else 'ok'
    end as status
from orders
