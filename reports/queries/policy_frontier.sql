-- What each policy would have done, in the order of the stock that it holds. The baseline is the buyer without a policy who
-- refills at the fewest days; the knob of the policy by cost was chosen on the year before.
select
    *,
    policy = 'no_policy' and knob = min(knob) over (partition by scenario, window_name, policy) as is_baseline,
    first_day_on::varchar as first_day,
    last_day_on::varchar as last_day
from gold.policy_frontier
order by scenario, window_name, policy = 'cost_based' desc, policy, knob
