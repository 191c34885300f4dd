-- How demand goes along with each driver, by weeks of delay; is_strongest marks the delay that says most.
select
    *,
    correlation is not null and row_number() over (
        partition by category_name, driver_name order by abs(correlation) desc nulls last, lag_weeks
    ) = 1 as is_strongest
from gold.demand_drivers
order by category_name, driver_name, lag_weeks
