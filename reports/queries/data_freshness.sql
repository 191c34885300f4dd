-- How recent each source is.
select
    source_label,
    latest_data_on::varchar as latest_data_on,
    strftime(landed_at, '%Y-%m-%dT%H:%M:%SZ') as landed_at,
    row_count,
    age_days,
    expected_days,
    freshness
from gold.data_freshness
order by freshness in ('fresh', 'unused'), source_label
