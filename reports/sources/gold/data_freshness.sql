-- Source: how recent its data are, and whether that is within what the source promises (seeds/freshness_promises.csv).
-- Each source is judged by the slowest of the tables that must move every time. One without a promise has no age, and
-- nobody misses it where it was never used.
select
    source_name,
    source_label,
    expected_age_days as expected_days,
    case
        when expected_age_days is null then min(latest_data_on) filter (where is_judged)
        -- What was read this morning still describes the last closed day.
        else least(min(latest_data_on) filter (where is_judged), max(as_of_on))
    end as latest_data_on,
    min(landed_at) filter (where is_judged)::timestamp as landed_at,
    sum(row_count)::bigint as row_count,
    max(age_days) filter (where is_judged) as age_days,
    case
        when expected_age_days is null and sum(row_count) = 0 then 'unused'
        when bool_or(is_judged and latest_data_on is null) then 'empty'
        when max(age_days) filter (where is_judged) > expected_age_days then 'late'
        else 'fresh'
    end as freshness
from gold.rpt_data_freshness
group by source_name, source_label, expected_age_days
order by source_name
