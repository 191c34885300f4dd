-- One row per tower and month in which it was under a contract. Minutes, calls and BRL are additive; shares are not.
-- Availability from the corrective calls that were opened in the month, held against the contract that the tower had at
-- the month's end. A call that is still open has no downtime yet. The running month counts to the as-of day.
{{ config(materialized='table') }}

with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

settings as (

    select *
    from {{ ref('report_settings') }}

),

towers as (

    select *
    from {{ ref('int_towers__history') }}
    where not is_deleted

),

contracts as (

    select *
    from {{ ref('int_contracts__history') }}

),

calls as (

    select
        tower_id,
        date_trunc('month', {{ bahia_day('opened_at') }})::date as month_on,
        count(*) as calls_count,
        count(*) filter (where work_order_priority = 'p1') as urgent_calls_count,
        count(*) filter (where closed_at is null) as open_calls_count,
        count(responded_at) as responded_calls_count,
        coalesce(sum(date_diff('minute', opened_at, responded_at)), 0) as response_minutes,
        coalesce(sum(downtime_minutes), 0) as downtime_minutes
    from {{ ref('stg_erp__work_orders') }}
    where work_order_kind = 'corrective'
    group by all

),

months as (

    select
        months_on.month_on::date as month_on,
        least((months_on.month_on + interval 1 month)::date - 1, as_of.as_of_on) as last_day_on
    from as_of
    cross join settings
    cross join unnest(generate_series(
        date_trunc('month', as_of.as_of_on) - to_months(settings.sla_history_months - 1),
        date_trunc('month', as_of.as_of_on),
        interval 1 month
    )) as months_on (month_on)

),

covered as (

    select
        months.month_on,
        towers.tower_id,
        towers.contract_id,
        contracts.version_key as contract_key,
        contracts.sla_target_pct,
        contracts.hourly_penalty_brl,
        -- commissioned, or under contract, in mid-month
        (
            least(months.last_day_on, contracts.ends_on)
            - greatest(months.month_on, contracts.starts_on, towers.commissioned_on) + 1
        ) * 24 * 60 as observed_minutes
    from months
    inner join towers
        on
            months.last_day_on >= towers.valid_from_on
            and months.last_day_on < towers.valid_to_on
    inner join contracts
        on
            towers.contract_id = contracts.contract_id
            and months.last_day_on >= contracts.valid_from_on
            and months.last_day_on < contracts.valid_to_on

),

joined as (

    select
        covered.*,
        coalesce(calls.calls_count, 0)::integer as calls_count,
        coalesce(calls.urgent_calls_count, 0)::integer as urgent_calls_count,
        coalesce(calls.open_calls_count, 0)::integer as open_calls_count,
        coalesce(calls.responded_calls_count, 0)::integer as responded_calls_count,
        coalesce(calls.response_minutes, 0)::bigint as response_minutes,
        -- a call of the month's last night may outlast the month
        least(coalesce(calls.downtime_minutes, 0), covered.observed_minutes)::bigint as downtime_minutes
    from covered
    left join calls
        on
            covered.tower_id = calls.tower_id
            and covered.month_on = calls.month_on
    where covered.observed_minutes > 0

)

select
    month_on,
    tower_id,
    contract_id,
    contract_key,

    sla_target_pct,
    hourly_penalty_brl,

    calls_count,
    urgent_calls_count,
    open_calls_count,
    responded_calls_count,
    response_minutes,
    observed_minutes,
    downtime_minutes,
    100 * (1 - downtime_minutes / observed_minutes::double) as availability_pct,
    greatest(
        downtime_minutes - observed_minutes * (1 - sla_target_pct::double / 100), 0
    ) / 60 as hours_below_target,
    (
        greatest(downtime_minutes - observed_minutes * (1 - sla_target_pct::double / 100), 0)
        / 60 * hourly_penalty_brl::double
    )::decimal(18, 2) as penalty_brl
from joined
