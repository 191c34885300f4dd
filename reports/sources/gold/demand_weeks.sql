-- Item category x week: demand lines beside the drivers.
select *
from gold.rpt_demand_weeks
order by category_name, week_on
