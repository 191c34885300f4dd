-- Score of each audit, in all and by dimension of quality.
select
    audited_at::timestamp as audited_at,
    coalesce(dimension, 'all') as dimension,
    bool_and(is_gate_passed) as is_gate_passed,
    sum(passed_weight)::double as passed_weight,
    sum(judged_weight)::double as judged_weight,
    audited_at = max(audited_at) over () as is_latest
from gold.quality_scores
group by grouping sets ((audited_at), (audited_at, dimension))
order by audited_at, dimension
