-- Grain: one row per ABC class, criticality and service level to compare, with one more row for what is in force today
-- (is_in_force; its level is the mean of the pairs'). Values, lines and pairs are additive over segments at one level,
-- never over levels.
-- What a higher or lower service level would cost and bring: stock at cost (safety stock and half a lot, summed over
-- today's pairs with demand and valid parameters) against the demand lines a year that would find no stock. Both follow
-- from the distribution that sets the reorder point; one below the mean demand of the interval holds no safety stock.
-- Planned stock, not what lies on the shelves today.
{{ config(meta={'gold_order_by': ['abc_class', 'criticality', 'is_in_force', 'service_level']}) }}

with

priced as (

    select *
    from {{ ref('int_planning__price_service_levels') }}

),

summed as (

    select
        abc_class,
        criticality,
        is_in_force,
        case when is_in_force then null else service_level end as fixed_level,
        avg(service_level::decimal(18, 9))::double as service_level,
        count(*)::integer as pairs_count,
        sum(safety_stock_value_brl)::decimal(18, 2) as safety_stock_value_brl,
        sum(lot_stock_value_brl)::decimal(18, 2) as lot_stock_value_brl,
        sum(demand_lines_per_year)::double as demand_lines_per_year,
        sum(stocked_out_lines_per_year)::double as stocked_out_lines_per_year
    from priced
    group by all

),

compared as (

    select
        *,
        max(case when is_in_force then service_level end) over (
            partition by abc_class, criticality
        ) as level_in_force
    from summed

)

select
    abc_class,
    criticality,
    is_in_force,
    coalesce(fixed_level, service_level) as service_level,
    coalesce(
        not is_in_force and level_in_force is not null and row_number() over (
            partition by abc_class, criticality, is_in_force
            order by round(abs(fixed_level - level_in_force), 9) asc, fixed_level asc
        ) = 1, false
    ) as is_nearest_to_force,

    pairs_count,
    safety_stock_value_brl,
    lot_stock_value_brl,
    (safety_stock_value_brl + lot_stock_value_brl)::decimal(18, 2) as stock_value_brl,
    demand_lines_per_year,
    stocked_out_lines_per_year,
    1 - stocked_out_lines_per_year / nullif(demand_lines_per_year, 0) as expected_fill_rate
from compared
