-- The scored year of each generated company: without a policy, under the old formula, and under the chosen policy by cost.
with roles as (
    select
        *,
        case
            when policy = 'cost_based' and is_chosen then 'chosen'
            when policy = 'legacy' then 'legacy'
            when policy = 'no_policy' and knob = min(knob) over (partition by scenario, company_number, policy)
                then 'baseline'
        end as role
    from gold.policy_companies
)

select
    scenario,
    company_number,
    max(demand_lines_count) filter (where role = 'baseline') as demand_lines_count,
    max(stocked_out_lines_count) filter (where role = 'baseline') as baseline_lines,
    max(stocked_out_lines_count) filter (where role = 'legacy') as legacy_lines,
    max(stocked_out_lines_count) filter (where role = 'chosen') as chosen_lines,
    max(mean_inventory_brl) filter (where role = 'baseline') as baseline_inventory_brl,
    max(mean_inventory_brl) filter (where role = 'legacy') as legacy_inventory_brl,
    max(mean_inventory_brl) filter (where role = 'chosen') as chosen_inventory_brl,
    100 * (chosen_lines / nullif(baseline_lines, 0)::double - 1) as lines_change_pct,
    100 * (chosen_inventory_brl / nullif(baseline_inventory_brl, 0) - 1) as inventory_change_pct
from roles
where role is not null
group by scenario, company_number
order by scenario, company_number
