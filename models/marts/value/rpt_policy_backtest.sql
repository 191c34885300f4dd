-- Grain: one row per generated company, scenario, policy, knob, measured year, ABC class and criticality. Counts
-- and costs are additive over classes and companies; the mean inventory is additive over classes only.
-- What each policy would have done, day by day, on years that it had not seen.
{{
    config(meta={'gold_order_by': [
        'scenario', 'company_number', 'policy', 'knob', 'window_name', 'abc_class', 'criticality'
    ]})
}}

with

outcomes as (

    select *
    from {{ ref('int_value__cost_outcomes') }}

)

select
    company_number,
    scenario,
    policy,
    knob,
    window_name,
    abc_class,
    criticality,
    is_chosen,
    first_day_on,
    last_day_on,
    series_count,
    demand_lines_count,
    stocked_out_lines_count,
    demand_units,
    backorder_days,
    backorder_unit_days,
    mean_inventory_brl,
    orders_count,
    ordered_units,
    holding_cost_brl,
    ordering_cost_brl,
    stockout_cost_brl
from outcomes
