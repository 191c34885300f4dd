-- Grain: one row per tower and month below its availability target, the trailing months of the settings. Minutes, hours
-- and BRL are additive; shares are not. Which towers cost the penalties: the months of `rpt_sla` in detail, so their
-- penalties add up to its.
{{ config(meta={'gold_order_by': ['month_on', 'tower_id']}) }}

with

tower_months as (

    select *
    from {{ ref('int_sla__measure_tower_months') }}
    where hours_below_target > 0

),

towers as (

    select *
    from {{ ref('dim_towers') }}
    where is_current

)

select
    tower_months.month_on,
    tower_months.tower_id,
    towers.tower_name,
    towers.municipality_name,
    tower_months.contract_key,
    tower_months.contract_id,

    tower_months.calls_count,
    tower_months.downtime_minutes,
    tower_months.sla_target_pct,
    tower_months.availability_pct,
    tower_months.hours_below_target,
    tower_months.penalty_brl
from tower_months
left join towers
    on tower_months.tower_id = towers.tower_id
