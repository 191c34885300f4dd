-- One row per generated company, policy, knob, measured year, ABC class and criticality. Counts and costs are additive
-- over classes and companies; the mean inventory is additive over classes only.
-- What stock, orders and stocked-out lines cost, at the rates that the policy itself is computed with.
{{ config(materialized='table') }}

with

outcomes as (

    select *
    from {{ ref('stg_backtest__policy_outcomes') }}

),

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

)

select
    outcomes.*,
    (
        outcomes.mean_inventory_brl * settings.holding_rate_per_year
        * (outcomes.last_day_on - outcomes.first_day_on + 1) / settings.days_per_year
    )::decimal(18, 2) as holding_cost_brl,
    (outcomes.orders_count * settings.order_cost_brl)::decimal(18, 2) as ordering_cost_brl,
    (
        outcomes.stocked_out_lines_count * segments.stocked_out_line_cost_brl * weights.criticality_weight
    )::decimal(18, 2) as stockout_cost_brl
from outcomes
cross join settings
inner join segments
    on
        outcomes.abc_class = segments.abc_class
        and outcomes.criticality = segments.criticality
inner join weights
    on outcomes.criticality = weights.criticality
