-- Grain: one row per service contract and month, the trailing months of the settings. Counts, minutes and BRL are
-- additive over contracts and months; shares and means are not. What was promised to a client and what was kept: calls,
-- response, availability, and what the months below target cost.
{{ config(meta={'gold_order_by': ['month_on', 'contract_id']}) }}

with

tower_months as (

    select *
    from {{ ref('int_sla__measure_tower_months') }}

),

contracts as (

    select *
    from {{ ref('dim_contracts') }}

),

monthly as (

    select
        month_on,
        contract_key,
        contract_id,
        max(sla_target_pct) as sla_target_pct,
        count(*)::integer as towers_count,
        (count(*) filter (where hours_below_target > 0))::integer as towers_below_target_count,
        sum(calls_count)::integer as calls_count,
        sum(urgent_calls_count)::integer as urgent_calls_count,
        sum(open_calls_count)::integer as open_calls_count,
        sum(responded_calls_count)::integer as responded_calls_count,
        sum(response_minutes)::double / nullif(sum(responded_calls_count), 0) / 60 as response_mean_hours,
        sum(observed_minutes)::bigint as observed_minutes,
        sum(downtime_minutes)::bigint as downtime_minutes,
        100 * (1 - sum(downtime_minutes) / sum(observed_minutes)::double) as availability_pct,
        sum(hours_below_target) as hours_below_target,
        sum(penalty_brl)::decimal(18, 2) as penalty_brl
    from tower_months
    group by month_on, contract_key, contract_id

)

select
    monthly.month_on,
    monthly.contract_key,
    monthly.contract_id,
    contracts.client_name,
    contracts.sla_tier,

    monthly.sla_target_pct,
    monthly.towers_count,
    monthly.towers_below_target_count,

    monthly.calls_count,
    monthly.urgent_calls_count,
    monthly.open_calls_count,
    monthly.responded_calls_count,
    monthly.response_mean_hours,

    monthly.observed_minutes,
    monthly.downtime_minutes,
    monthly.availability_pct,
    monthly.availability_pct >= monthly.sla_target_pct as is_target_met,
    monthly.hours_below_target,
    monthly.penalty_brl
from monthly
left join contracts
    on monthly.contract_key = contracts.contract_key
