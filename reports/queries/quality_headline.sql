-- The big numbers of the page on quality, one row.
select
    (select round(100 * passed_weight / judged_weight, 2) from gold.quality_trend where dimension = 'all' and is_latest)
        as score_pct,
    count(*) filter (where status <> 'not_judged') as judged_count,
    count(*) filter (where status = 'failed' and stage <> 'built') as failed_count,
    count(*) filter (where status = 'not_judged') as not_judged_count,
    (select count(*) from gold.exceptions) as exception_count,
    (select count(*) from gold.exceptions where severity = 'high') as grave_exception_count,
    (select count(*) from gold.data_freshness where freshness in ('late', 'empty')) as stale_source_count
from gold.quality_expectations
