-- Score of each audit by dimension, oldest first.
select
    strftime(audited_at, '%Y-%m-%dT%H:%M:%SZ') as audited_at,
    dimension,
    is_gate_passed,
    is_latest,
    round(100 * passed_weight / judged_weight, 2) as score_pct
from gold.quality_trend
order by audited_at, dimension
