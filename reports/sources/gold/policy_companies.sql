-- Scenario x generated company x policy x knob in the scored year.
select
    scenario,
    company_number,
    policy,
    knob,
    bool_or(is_chosen) as is_chosen,
    sum(demand_lines_count)::bigint as demand_lines_count,
    sum(stocked_out_lines_count)::bigint as stocked_out_lines_count,
    sum(mean_inventory_brl)::double as mean_inventory_brl,
    sum(orders_count)::bigint as orders_count
from gold.rpt_policy_backtest
where window_name = 'score'
group by scenario, company_number, policy, knob
order by scenario, company_number, policy, knob
