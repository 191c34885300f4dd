-- Grain: one row per scenario, policy, knob and measured year, over all generated companies. Not additive: policies
-- are alternatives.
-- What service each policy buys with which inventory, and what the cost-based policy does at the same inventory.
{{ config(meta={'gold_order_by': ['scenario', 'window_name', 'policy', 'knob']}) }}

with

outcomes as (

    select *
    from {{ ref('int_value__pool_outcomes') }}

)

select
    scenario,
    policy,
    knob,
    window_name,
    is_chosen,
    first_day_on,
    last_day_on,
    companies_count,
    demand_lines_count,
    stocked_out_lines_count,
    line_fill_rate,
    vital_demand_lines_count,
    vital_stocked_out_lines_count,
    vital_line_fill_rate,
    backorder_days,
    mean_inventory_brl,
    orders_count,
    ordering_cost_brl,
    holding_cost_brl,
    stockout_cost_brl,
    total_cost_brl,
    stocked_out_change_pct,
    least_stocked_out_change_pct,
    greatest_stocked_out_change_pct,
    inventory_change_pct,
    least_inventory_change_pct,
    greatest_inventory_change_pct,
    cost_based_stocked_out_lines,
    cost_based_vital_stocked_out_lines,
    cost_based_inventory_brl
from outcomes
