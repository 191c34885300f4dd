-- What is at risk, worst first: the state, the day it ends, how much the field needs it.
select
    * exclude (next_due_on, planning_on, stockout_on),
    next_due_on::varchar as next_due_on,
    stockout_on::varchar as stockout_on,
    next_due_on < planning_on as is_late
from gold.stockout_risk
order by
    risk_state desc,
    days_until_stockout nulls last,
    case criticality when 'vital' then 1 when 'essential' then 2 else 3 end,
    stockout_probability desc nulls last,
    item_id,
    location_id
