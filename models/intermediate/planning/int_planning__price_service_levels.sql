-- One row per item and stocking location with demand, and service level to compare, with one more row for what is in
-- force today. Values and lines are additive over pairs at one level, never over levels.
-- What a level would cost and bring. The reorder point at a level is the quantile that the policy itself takes; stock
-- is the safety stock and half a lot. A cycle leaves E[(X - s)+] units unserved, X being demand over the protection
-- interval: with the same negative binomial (Poisson) law x f(x) = mean g(x - 1), where g has one success more, so the
-- sum is mean P(Y > s - 1) - s P(X > s), exact and without a series. Units short per lot, at most all, are the share of
-- the year's lines that wait.
{{ config(materialized='table') }}

with

levels as (

    select *
    from {{ ref('service_levels') }}

),

-- what has no demand, no cost or no valid parameters has no curve
pairs as (

    select
        parameters.*,
        greatest(parameters.protection_variance_units - parameters.protection_mean_units, 0)
        / parameters.protection_mean_units as excess_ratio
    from {{ ref('int_planning__apply_forecasts') }} as parameters
    semi join {{ ref('int_inventory__list_pairs') }} as stocked
        on
            parameters.item_id = stocked.item_id
            and parameters.location_id = stocked.location_id
    where
        parameters.is_valid
        and parameters.protection_mean_units > 0
        and parameters.economic_order_quantity_units > 0
        and parameters.units_per_line > 0
        and parameters.unit_cost_brl > 0

),

options as (

    select
        pairs.*,
        false as is_in_force,
        levels.service_level as level_asked,
        {{ lead_time_demand_quantile(
            'levels.service_level', 'pairs.protection_mean_units', 'pairs.protection_variance_units'
        ) }} as level_units
    from pairs
    cross join levels
    union all
    select
        *,
        true as is_in_force,
        service_level as level_asked,
        reorder_point_units::double as level_units
    from pairs

),

short as (

    select
        *,
        greatest(level_units - protection_mean_units, 0) as level_safety_units,
        annual_demand_units / units_per_line as lines_per_year,
        greatest(
            protection_mean_units * {{ stockout_probability(
                'level_units - 1',
                'protection_mean_units + excess_ratio',
                'greatest(protection_variance_units, protection_mean_units) '
                ~ '* (1 + excess_ratio / protection_mean_units)'
            ) }}
            - level_units * {{ stockout_probability(
                'level_units', 'protection_mean_units', 'protection_variance_units'
            ) }},
            0
        ) as short_units_per_cycle
    from options

)

select
    item_id,
    location_id,
    abc_class,
    coalesce(criticality, 'unknown') as criticality,
    is_in_force,
    level_asked as service_level,

    level_units::decimal(18, 3) as reorder_point_units,
    level_safety_units::decimal(18, 3) as safety_stock_units,
    (level_safety_units * unit_cost_brl)::decimal(18, 2) as safety_stock_value_brl,
    (economic_order_quantity_units::double / 2 * unit_cost_brl)::decimal(18, 2) as lot_stock_value_brl,

    short_units_per_cycle,
    lines_per_year::decimal(18, 6) as demand_lines_per_year,
    (lines_per_year * least(short_units_per_cycle / economic_order_quantity_units, 1))::decimal(18, 6)
        as stocked_out_lines_per_year
from short
