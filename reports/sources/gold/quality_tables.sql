-- Score of each table in the audit of this version.
with latest as (
    select *
    from gold.quality_scores
    where audited_at = (select max(audited_at) from gold.quality_scores)
)

select
    table_name,
    sum(passed_weight)::double as passed_weight,
    sum(judged_weight)::double as judged_weight,
    100.0 * sum(passed_weight) / sum(judged_weight) as score_pct,
    100.0 * sum(passed_weight) filter (where dimension = 'completeness')
    / sum(judged_weight) filter (where dimension = 'completeness') as completeness_pct,
    100.0 * sum(passed_weight) filter (where dimension = 'validity')
    / sum(judged_weight) filter (where dimension = 'validity') as validity_pct,
    100.0 * sum(passed_weight) filter (where dimension = 'uniqueness')
    / sum(judged_weight) filter (where dimension = 'uniqueness') as uniqueness_pct,
    100.0 * sum(passed_weight) filter (where dimension = 'timeliness')
    / sum(judged_weight) filter (where dimension = 'timeliness') as timeliness_pct,
    100.0 * sum(passed_weight) filter (where dimension = 'consistency')
    / sum(judged_weight) filter (where dimension = 'consistency') as consistency_pct
from latest
group by table_name
order by table_name
