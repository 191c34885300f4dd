-- Score of each table, worst first.
select
    table_name,
    score_pct,
    completeness_pct,
    validity_pct,
    uniqueness_pct,
    timeliness_pct,
    consistency_pct
from gold.quality_tables
order by score_pct, table_name
