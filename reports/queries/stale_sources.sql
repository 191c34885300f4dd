-- The sources that keep their promise no longer, and since when: the first day on which their data were too old.
select
    source_name,
    source_label,
    latest_data_on::varchar as latest_data_on,
    (latest_data_on + expected_days + 1)::varchar as stale_since_on,
    expected_days,
    freshness
from gold.data_freshness
where freshness in ('late', 'empty')
order by source_label
