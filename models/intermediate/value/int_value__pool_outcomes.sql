-- One row per scenario, policy, knob and measured year, over all generated companies. Nothing is additive: policies are
-- alternatives.
-- Changes are against the buyer without a policy (30 to 90 days of trailing use) on the same companies; their least and
-- greatest over companies stand beside. The curve is the cost-based policy over its knobs, straight between neighbours.
{{ config(materialized='table') }}

with

costs as (

    select *
    from {{ ref('int_value__cost_outcomes') }}

),

companies as (

    select
        scenario,
        policy,
        knob,
        window_name,
        company_number,
        bool_or(is_chosen) as is_chosen,
        min(first_day_on) as first_day_on,
        max(last_day_on) as last_day_on,
        sum(demand_lines_count)::bigint as demand_lines_count,
        sum(stocked_out_lines_count)::bigint as stocked_out_lines_count,
        sum(demand_lines_count) filter (where criticality = 'vital')::bigint as vital_demand_lines_count,
        sum(stocked_out_lines_count) filter (where criticality = 'vital')::bigint as vital_stocked_out_lines_count,
        sum(backorder_days)::bigint as backorder_days,
        sum(mean_inventory_brl::decimal(28, 2)) as mean_inventory_brl,
        sum(orders_count)::bigint as orders_count,
        sum(ordering_cost_brl) as ordering_cost_brl,
        sum(holding_cost_brl) as holding_cost_brl,
        sum(stockout_cost_brl) as stockout_cost_brl
    from costs
    group by scenario, policy, knob, window_name, company_number

),

baselines as (

    select *
    from companies
    where
        policy = 'no_policy'
        and knob = 30

),

compared as (

    select
        companies.*,
        companies.stocked_out_lines_count::double / nullif(baselines.stocked_out_lines_count, 0) - 1
            as stocked_out_change,
        companies.mean_inventory_brl::double / nullif(baselines.mean_inventory_brl::double, 0) - 1 as inventory_change,
        baselines.stocked_out_lines_count as baseline_stocked_out_lines_count,
        baselines.mean_inventory_brl as baseline_inventory_brl
    from companies
    left join baselines
        on
            companies.scenario = baselines.scenario
            and companies.window_name = baselines.window_name
            and companies.company_number = baselines.company_number

),

pooled as (

    select
        scenario,
        policy,
        knob,
        window_name,
        bool_or(is_chosen) as is_chosen,
        min(first_day_on) as first_day_on,
        max(last_day_on) as last_day_on,
        count(*) as companies_count,
        sum(demand_lines_count)::bigint as demand_lines_count,
        sum(stocked_out_lines_count)::bigint as stocked_out_lines_count,
        sum(vital_demand_lines_count)::bigint as vital_demand_lines_count,
        sum(vital_stocked_out_lines_count)::bigint as vital_stocked_out_lines_count,
        sum(backorder_days)::bigint as backorder_days,
        (sum(mean_inventory_brl) / count(*))::decimal(18, 2) as mean_inventory_brl,
        sum(orders_count)::bigint as orders_count,
        sum(ordering_cost_brl)::decimal(18, 2) as ordering_cost_brl,
        sum(holding_cost_brl)::decimal(18, 2) as holding_cost_brl,
        sum(stockout_cost_brl)::decimal(18, 2) as stockout_cost_brl,
        sum(stocked_out_lines_count)::double / nullif(sum(baseline_stocked_out_lines_count), 0) - 1
            as stocked_out_change,
        sum(mean_inventory_brl)::double / nullif(sum(baseline_inventory_brl)::double, 0) - 1 as inventory_change,
        min(stocked_out_change) as least_stocked_out_change,
        max(stocked_out_change) as greatest_stocked_out_change,
        min(inventory_change) as least_inventory_change,
        max(inventory_change) as greatest_inventory_change
    from compared
    group by scenario, policy, knob, window_name

),

neighbours as (

    select
        scenario,
        window_name,
        mean_inventory_brl::double as inventory_brl,
        stocked_out_lines_count::double as stocked_out_lines,
        vital_stocked_out_lines_count::double as vital_stocked_out_lines,
        lead(mean_inventory_brl::double) over knobs as next_inventory_brl,
        lead(stocked_out_lines_count::double) over knobs as next_stocked_out_lines,
        lead(vital_stocked_out_lines_count::double) over knobs as next_vital_stocked_out_lines
    from pooled
    where policy = 'cost_based'
    window knobs as (partition by scenario, window_name order by knob)

),

at_equal_inventory as (

    select
        pooled.scenario,
        pooled.policy,
        pooled.knob,
        pooled.window_name,
        neighbours.stocked_out_lines
        + (neighbours.next_stocked_out_lines - neighbours.stocked_out_lines)
        * (pooled.mean_inventory_brl - neighbours.inventory_brl)
        / nullif(neighbours.next_inventory_brl - neighbours.inventory_brl, 0) as curve_stocked_out_lines,
        neighbours.vital_stocked_out_lines
        + (neighbours.next_vital_stocked_out_lines - neighbours.vital_stocked_out_lines)
        * (pooled.mean_inventory_brl - neighbours.inventory_brl)
        / nullif(neighbours.next_inventory_brl - neighbours.inventory_brl, 0) as curve_vital_stocked_out_lines
    from pooled
    inner join neighbours
        on
            pooled.scenario = neighbours.scenario
            and pooled.window_name = neighbours.window_name
            and pooled.mean_inventory_brl >= neighbours.inventory_brl
            and pooled.mean_inventory_brl < neighbours.next_inventory_brl

),

at_equal_stockouts as (

    select
        pooled.scenario,
        pooled.policy,
        pooled.knob,
        pooled.window_name,
        neighbours.inventory_brl
        + (neighbours.next_inventory_brl - neighbours.inventory_brl)
        * (neighbours.stocked_out_lines - pooled.stocked_out_lines_count)
        / nullif(neighbours.stocked_out_lines - neighbours.next_stocked_out_lines, 0) as curve_inventory_brl
    from pooled
    inner join neighbours
        on
            pooled.scenario = neighbours.scenario
            and pooled.window_name = neighbours.window_name
            and pooled.stocked_out_lines_count <= neighbours.stocked_out_lines
            and pooled.stocked_out_lines_count > neighbours.next_stocked_out_lines

),

-- a curve that bends back is met more than once: the costlier meeting counts against it
met as (

    select
        pooled.scenario,
        pooled.policy,
        pooled.knob,
        pooled.window_name,
        max(at_equal_inventory.curve_stocked_out_lines) as curve_stocked_out_lines,
        max(at_equal_inventory.curve_vital_stocked_out_lines) as curve_vital_stocked_out_lines,
        max(at_equal_stockouts.curve_inventory_brl) as curve_inventory_brl
    from pooled
    left join at_equal_inventory
        on
            pooled.scenario = at_equal_inventory.scenario
            and pooled.policy = at_equal_inventory.policy
            and pooled.knob = at_equal_inventory.knob
            and pooled.window_name = at_equal_inventory.window_name
    left join at_equal_stockouts
        on
            pooled.scenario = at_equal_stockouts.scenario
            and pooled.policy = at_equal_stockouts.policy
            and pooled.knob = at_equal_stockouts.knob
            and pooled.window_name = at_equal_stockouts.window_name
    group by pooled.scenario, pooled.policy, pooled.knob, pooled.window_name

)

select
    pooled.scenario,
    pooled.policy,
    pooled.knob,
    pooled.window_name,

    pooled.is_chosen,
    pooled.first_day_on,
    pooled.last_day_on,
    pooled.companies_count,

    pooled.demand_lines_count,
    pooled.stocked_out_lines_count,
    1 - pooled.stocked_out_lines_count::double / nullif(pooled.demand_lines_count, 0) as line_fill_rate,
    pooled.vital_demand_lines_count,
    pooled.vital_stocked_out_lines_count,
    1 - pooled.vital_stocked_out_lines_count::double / nullif(pooled.vital_demand_lines_count, 0)
        as vital_line_fill_rate,
    pooled.backorder_days,
    pooled.mean_inventory_brl,
    pooled.orders_count,
    pooled.ordering_cost_brl,
    pooled.holding_cost_brl,
    pooled.stockout_cost_brl,
    (pooled.ordering_cost_brl + pooled.holding_cost_brl + pooled.stockout_cost_brl)::decimal(18, 2) as total_cost_brl,

    100 * pooled.stocked_out_change as stocked_out_change_pct,
    100 * pooled.least_stocked_out_change as least_stocked_out_change_pct,
    100 * pooled.greatest_stocked_out_change as greatest_stocked_out_change_pct,
    100 * pooled.inventory_change as inventory_change_pct,
    100 * pooled.least_inventory_change as least_inventory_change_pct,
    100 * pooled.greatest_inventory_change as greatest_inventory_change_pct,

    met.curve_stocked_out_lines as cost_based_stocked_out_lines,
    met.curve_vital_stocked_out_lines as cost_based_vital_stocked_out_lines,
    met.curve_inventory_brl::decimal(18, 2) as cost_based_inventory_brl
from pooled
inner join met
    on
        pooled.scenario = met.scenario
        and pooled.policy = met.policy
        and pooled.knob = met.knob
        and pooled.window_name = met.window_name
