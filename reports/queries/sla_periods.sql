-- Calls, availability and penalties per month, and for the twelve closed months together ('ano'), by contract and for
-- all of them ('' stands for all). A month is closed when the data reach its last day.
with dated as (
    select
        sla.*,
        publication.as_of_on,
        sla.month_on < date_trunc('month', publication.as_of_on + 1) as is_closed,
        sla.month_on >= date_trunc('month', publication.as_of_on + 1) - interval 12 month as is_recent
    from gold.sla
    cross join gold.publication
),

periods as (
    select
        *,
        unnest(case when is_closed and is_recent then [strftime(month_on, '%Y-%m'), 'ano']
            else [strftime(month_on, '%Y-%m')] end) as period
    from dated
)

select
    period,
    case when grouping(contract_id) = 1 then '' else contract_id end as contract_id,
    case when grouping(contract_id) = 0 then arg_max(client_name, month_on) end as client_name,
    case when grouping(contract_id) = 0 then arg_max(sla_tier, month_on) end as sla_tier,
    case when grouping(contract_id) = 0 then arg_max(sla_target_pct, month_on) end as sla_target_pct,
    bool_and(is_closed) as is_closed,
    min(month_on)::varchar as first_month_on,
    max(month_on)::varchar as last_month_on,
    sum(towers_count)::integer as tower_months_count,
    sum(towers_below_target_count)::integer as tower_months_below_count,
    sum(calls_count)::integer as calls_count,
    sum(urgent_calls_count)::integer as urgent_calls_count,
    sum(open_calls_count)::integer as open_calls_count,
    sum(response_mean_hours * responded_calls_count) / nullif(sum(responded_calls_count), 0) as response_mean_hours,
    100 * (1 - sum(downtime_minutes) / nullif(sum(observed_minutes), 0)::double) as availability_pct,
    sum(penalty_brl) as penalty_brl
from periods
group by grouping sets ((period, contract_id), (period))
order by period, contract_id
