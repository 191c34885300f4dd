-- The towers that cost most in the twelve closed months.
select *
from gold.sla_towers
order by penalty_brl desc, tower_id, contract_id
