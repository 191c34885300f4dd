-- Month x ABC class x criticality: service aimed at and attained.
select *
from gold.rpt_service_level
order by month_on, abc_class, criticality
