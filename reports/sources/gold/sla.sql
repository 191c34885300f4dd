-- Contract x month: what was promised and what was kept.
select
    month_on,
    contract_id,
    client_name,
    sla_tier,
    sla_target_pct::double as sla_target_pct,
    towers_count,
    towers_below_target_count,
    calls_count,
    urgent_calls_count,
    open_calls_count,
    responded_calls_count,
    response_mean_hours,
    observed_minutes,
    downtime_minutes,
    hours_below_target,
    penalty_brl::double as penalty_brl
from gold.rpt_sla
order by month_on, contract_id
