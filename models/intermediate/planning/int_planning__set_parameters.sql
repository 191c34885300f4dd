-- One row per as-of day, item and stocking location known by then. Annual value is additive; rates, days, levels and
-- moments are not.
-- Every input of the reorder point and the result, as a planner would have had them at the close of the as-of day. What
-- cannot be computed is NULL and says why. A planner's override wins and is shown; what was computed stays beside it.
-- Incremental by as-of day: what was known on a day does not change, so only new days are computed.
-- depends_on: {{ ref('int_planning__list_as_of_days') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='as_of_on',
        on_schema_change='sync_all_columns',
        pre_hook='{{ delete_other_as_of_days() }}'
    )
}}

with

settings as (

    select *
    from {{ ref('policy_settings') }}

),

segments as (

    select *
    from {{ ref('policy_segments') }}

),

weights as (

    select *
    from {{ ref('policy_criticality_weights') }}

),

overrides as (

    select *
    from {{ ref('policy_overrides') }}

),

items as (

    select *
    from {{ ref('int_planning__list_items_as_of') }}
    {% if is_incremental() %}
    where as_of_on in ({{ as_of_days_to_build(this) }})
    {% endif %}

),

moments as (

    select *
    from {{ ref('int_demand__measure_moments') }}

),

lead_times as (

    select *
    from {{ ref('int_supply__measure_lead_times') }}

),

inputs as (

    select
        items.as_of_on,
        items.planning_on,
        items.policy_version,
        items.source_extracted_at,
        items.item_id,
        moments.location_id,
        items.item_key,

        items.criticality,
        weights.criticality_weight,
        items.supplier_id,
        items.unit_cost_brl,
        items.minimum_order_units,
        items.pack_size_units,

        moments.window_start_on,
        moments.demand_history_days,
        moments.demand_lines_count,
        moments.demand_days_count,
        moments.demand_units,
        moments.last_demand_on,
        moments.demand_mean_units_per_day,
        moments.demand_std_units_per_day,
        moments.units_per_line,
        moments.size_mean_units,
        moments.size_second_moment,
        moments.size_third_moment,
        moments.average_interval_days,
        moments.size_squared_cv,
        moments.demand_months_count,
        moments.monthly_cv,
        case when moments.demand_mean_units_per_day > 0
                then moments.as_of_on - moments.last_demand_on
        end::integer as days_since_demand,
        lead_times.lead_time_source,
        lead_times.lead_time_mean_days,
        lead_times.lead_time_std_days,
        lead_times.lead_time_p85_days,
        lead_times.lead_time_receipts_count,
        lead_times.promised_lead_time_days,
        settings.review_period_days,
        settings.order_cost_brl,
        settings.holding_rate_per_year,
        settings.eoq_minimum_days,
        settings.eoq_maximum_days,
        settings.ended_after_intervals,
        settings.undershoot_weight,
        settings.days_per_year / 12 as days_per_month,

        moments.demand_mean_units_per_day * settings.days_per_year as annual_demand_units,
        moments.demand_mean_units_per_day * settings.days_per_year * items.unit_cost_brl as annual_value_brl
    from moments
    cross join settings
    inner join items
        on
            moments.as_of_on = items.as_of_on
            and moments.item_id = items.item_id
    inner join lead_times
        on
            moments.as_of_on = lead_times.as_of_on
            and moments.item_id = lead_times.item_id
    left join weights
        on items.criticality = weights.criticality

),

-- Demand lives through better and worse months: by how much the rate itself varies between months, beyond what lines at
-- random explain. One item's months say little, so they are weighed against those of all items. Exact decimals: sums do
-- not depend on their order.
own_swings as (

    select
        as_of_on,
        item_id,
        location_id,
        demand_months_count,
        sqrt(demand_days_count)::decimal(18, 6) as weight,
        case
            when demand_mean_units_per_day > 0 and monthly_cv is not null and demand_std_units_per_day is not null
                then {{ bounded(
                    'power(monthly_cv, 2)'
                    ~ ' - power(demand_std_units_per_day / demand_mean_units_per_day, 2) / days_per_month',
                    '-9',
                    '9'
                ) }}
        end::decimal(18, 9) as swing_squared_cv
    from inputs

),

swings as (

    select
        own_swings.as_of_on,
        own_swings.item_id,
        own_swings.location_id,
        greatest(
            (
                coalesce(own_swings.swing_squared_cv * own_swings.demand_months_count, 0)
                + settings.swing_prior_months * coalesce(
                    greatest(
                        sum(own_swings.swing_squared_cv * own_swings.weight) over months
                        / nullif(
                            sum(own_swings.weight) filter (where own_swings.swing_squared_cv is not null) over months, 0
                        ), 0
                    ), 0
                )
            )
            / nullif(
                case when own_swings.swing_squared_cv is null then 0 else own_swings.demand_months_count end
                + settings.swing_prior_months, 0
            ), 0
        )::decimal(18, 9)::double as swing_squared_cv
    from own_swings
    cross join settings
    window months as (partition by own_swings.as_of_on)

),

-- exact decimals: the share does not depend on the order in which values are added
item_values as (

    select
        as_of_on,
        item_id,
        coalesce(sum(annual_value_brl::decimal(18, 2)), 0)::decimal(18, 2) as item_annual_value_brl
    from inputs
    group by as_of_on, item_id

),

item_shares as (

    select
        *,
        (sum(item_annual_value_brl) over (
            partition by as_of_on
            order by item_annual_value_brl desc, item_id asc
            rows unbounded preceding
        ) - item_annual_value_brl)::double
        / nullif(sum(item_annual_value_brl) over (partition by as_of_on), 0)::double as value_share_before
    from item_values

),

item_classes as (

    select
        *,
        {{ abc_class('value_share_before', 'item_annual_value_brl') }} as abc_class
    from item_shares

),

classified as (

    select
        inputs.*,
        item_classes.item_annual_value_brl,
        item_classes.value_share_before,
        item_classes.abc_class,
        {{ xyz_class('inputs.monthly_cv') }} as xyz_class,
        {{ demand_class('inputs.average_interval_days', 'inputs.size_squared_cv', 'inputs.demand_days_count') }}
            as demand_class,
        segments.policy,
        segments.service_level as service_level_target,
        segments.fill_rate as fill_rate_target,
        segments.minimum_cover_days,
        segments.maximum_cover_days,
        segments.stocked_out_line_cost_brl,
        coalesce(inputs.days_since_demand > inputs.ended_after_intervals * inputs.average_interval_days, false)
            as is_demand_ended,
        swings.swing_squared_cv,
        -- demand in lots falls below the reorder point before the order can be placed; a setting says how much counts
        case when inputs.units_per_line > 1 and inputs.undershoot_weight > 0
                then inputs.undershoot_weight
                    * {{ undershoot_mean('inputs.size_mean_units', 'inputs.size_second_moment') }}
            else 0
        end as undershoot_mean_units,
        case when inputs.units_per_line > 1 and inputs.undershoot_weight > 0
                then inputs.undershoot_weight * {{ undershoot_variance(
                    'inputs.size_mean_units', 'inputs.size_second_moment', 'inputs.size_third_moment'
                ) }}
            else 0
        end as undershoot_variance_units,
        {{ demand_mean_over(
            'inputs.demand_mean_units_per_day', 'inputs.lead_time_mean_days', 'inputs.review_period_days'
        ) }} as interval_demand_units,
        {{ demand_std_over(
            'inputs.demand_mean_units_per_day', 'inputs.demand_std_units_per_day', 'inputs.lead_time_mean_days',
            'inputs.lead_time_std_days', 'inputs.review_period_days'
        ) }} as interval_std_units,
        {{ economic_order_quantity(
            'inputs.annual_demand_units', 'inputs.order_cost_brl', 'inputs.holding_rate_per_year * inputs.unit_cost_brl'
        ) }} as lot_raw_units
    from inputs
    inner join item_classes
        on
            inputs.as_of_on = item_classes.as_of_on
            and inputs.item_id = item_classes.item_id
    inner join swings
        on
            inputs.as_of_on = swings.as_of_on
            and inputs.item_id = swings.item_id
            and inputs.location_id = swings.location_id
    left join segments
        on
            item_classes.abc_class = segments.abc_class
            and inputs.criticality = segments.criticality

),

swung as (

    select
        *,
        -- good and bad months even out over intervals longer than a month
        swing_squared_cv * power(interval_demand_units, 2)
        * least(1, days_per_month / nullif(lead_time_mean_days + review_period_days, 0)) as swing_raw_units
    from classified

),

bounds as (

    select
        *,
        coalesce(swing_raw_units, 0) as swing_variance_units,
        interval_demand_units + undershoot_mean_units as protection_mean_units,
        power(interval_std_units, 2) + coalesce(swing_raw_units, 0) + undershoot_variance_units
            as protection_variance_units,
        {{ bounded(
            'lot_raw_units',
            'demand_mean_units_per_day * eoq_minimum_days',
            'demand_mean_units_per_day * eoq_maximum_days'
        ) }} as lot_bounded_units
    from swung

),

lots as (

    select
        *,
        sqrt(protection_variance_units) as protection_std_units,
        {{ round_up_to_lot('lot_bounded_units', 'minimum_order_units', 'pack_size_units') }} as lot_units
    from bounds

),

targets as (

    select
        *,
        case when policy = 'fill_rate'
                then {{ fill_rate_safety_factor('fill_rate_target', 'lot_units', 'protection_std_units') }}
        end as fill_rate_factor,
        case
            when policy = 'cost_based'
                then {{ cost_based_service_level(
                    'holding_rate_per_year', 'unit_cost_brl', 'lot_units', 'units_per_line', 'annual_demand_units',
                    'stocked_out_line_cost_brl', 'criticality_weight'
                ) }}
            when policy = 'cycle_service' then service_level_target
        end as quantile_level
    from lots

),

points as (

    select
        *,
        coalesce(quantile_level, {{ normal_cdf('fill_rate_factor') }}) as service_level,
        case
            when demand_mean_units_per_day = 0 then 0
            when policy in ('cost_based', 'cycle_service')
                then {{ lead_time_demand_quantile(
                    'quantile_level', 'protection_mean_units', 'protection_variance_units'
                ) }}
            when policy = 'fill_rate' then protection_mean_units + greatest(fill_rate_factor, 0) * protection_std_units
            when policy = 'legacy' then {{ legacy_reorder_point(
                'demand_mean_units_per_day', 'promised_lead_time_days', 'demand_std_units_per_day'
            ) }}
            when policy = 'min_max' then demand_mean_units_per_day * minimum_cover_days
        end as reorder_point_raw_units,
        {{ legacy_reorder_point(
            'demand_mean_units_per_day', 'promised_lead_time_days', 'demand_std_units_per_day'
        ) }} as legacy_reorder_point_units
    from targets

),

computed as (

    select
        *,
        {{ normal_quantile('service_level') }} as z_score,
        case when reorder_point_raw_units is not null
                then try_cast(greatest(reorder_point_raw_units, 0) as decimal(18, 3))
        end as computed_reorder_point_units,
        try_cast(lot_units as decimal(18, 3)) as computed_order_quantity_units
    from points

),

levels as (

    select
        *,
        try_cast(
            case
                when policy = 'min_max' then {{ round_up_to_lot(
                    'demand_mean_units_per_day * maximum_cover_days', 'minimum_order_units', 'pack_size_units'
                ) }}
                else computed_reorder_point_units + computed_order_quantity_units
            end as decimal(18, 3)
        ) as computed_order_up_to_units,
        interval_demand_units + z_score * interval_std_units as normal_raw_units
    from computed

),

overridden as (

    select
        levels.*,
        overrides.item_id is not null as is_overridden,
        overrides.author_role as override_author_role,
        overrides.reason_text as override_reason,
        coalesce(overrides.reorder_point_units, levels.computed_reorder_point_units) as reorder_point_units,
        coalesce(overrides.order_quantity_units, levels.computed_order_quantity_units) as order_quantity_units,
        overrides.order_up_to_units as override_order_up_to_units
    from levels
    left join overrides
        on
            levels.item_id = overrides.item_id
            and levels.location_id = overrides.location_id
            and levels.as_of_on >= greatest(overrides.valid_from_on, overrides.recorded_on)
            and levels.as_of_on < overrides.valid_to_on

),

decided as (

    select
        *,
        case
            when override_order_up_to_units is not null then override_order_up_to_units
            when is_overridden then reorder_point_units + order_quantity_units
            else computed_order_up_to_units
        end::decimal(18, 3) as order_up_to_units,
        case when reorder_point_units is not null
                then try_cast(greatest(reorder_point_units - protection_mean_units, 0) as decimal(18, 3))
        end as safety_stock_units
    from overridden

),

judged as (

    select
        *,
        nullif(concat_ws(
            ', ',
            case when demand_std_units_per_day is null then 'demand_history' end,
            case when unit_cost_brl is null or unit_cost_brl <= 0 then 'unit_cost' end,
            case when criticality_weight is null then 'criticality' end,
            case when lead_time_mean_days is null or lead_time_std_days is null then 'lead_time' end,
            case when minimum_order_units < 0 or pack_size_units < 0 then 'lot_size' end
        ), '') as missing_inputs
    from decided

)

select
    as_of_on,
    planning_on,
    item_id,
    location_id,
    item_key,

    abc_class,
    xyz_class,
    demand_class,
    criticality,
    policy,
    lead_time_source,
    supplier_id,

    unit_cost_brl,
    minimum_order_units,
    pack_size_units,
    order_cost_brl,
    holding_rate_per_year,
    stocked_out_line_cost_brl,
    criticality_weight,
    review_period_days,

    window_start_on as demand_window_start_on,
    last_demand_on,
    demand_history_days,
    demand_lines_count,
    demand_days_count,
    demand_units,
    demand_mean_units_per_day,
    demand_std_units_per_day,
    units_per_line,
    size_mean_units,
    size_second_moment,
    size_third_moment,
    average_interval_days,
    size_squared_cv,
    demand_months_count,
    monthly_cv,
    swing_squared_cv,
    is_demand_ended,
    annual_demand_units,
    annual_value_brl::decimal(18, 2) as annual_value_brl,
    item_annual_value_brl,
    value_share_before,

    lead_time_mean_days,
    lead_time_std_days,
    lead_time_p85_days,
    lead_time_receipts_count,
    promised_lead_time_days,

    service_level_target,
    fill_rate_target,
    service_level,
    z_score,
    interval_demand_units,
    interval_std_units,
    swing_variance_units,
    undershoot_mean_units,
    undershoot_variance_units,
    protection_mean_units,
    protection_variance_units,

    lot_bounded_units,
    computed_order_quantity_units,
    computed_reorder_point_units,
    case when normal_raw_units is not null then try_cast(greatest(normal_raw_units, 0) as decimal(18, 3))
    end as normal_reorder_point_units,
    try_cast(legacy_reorder_point_units as decimal(18, 3)) as legacy_reorder_point_units,
    safety_stock_units,
    reorder_point_units,
    order_quantity_units as economic_order_quantity_units,
    order_up_to_units,

    is_overridden,
    override_author_role,
    override_reason,
    reorder_point_units is not null and order_up_to_units is not null as is_valid,
    case when reorder_point_units is null or order_up_to_units is null
            then coalesce(missing_inputs, 'not_computable')
    end as invalid_reason,

    policy_version,
    source_extracted_at
from judged
