-- One row per bronze table that is older than its limit, or has a limit and no data.
with

measured as (

    select *
    from {{ ref('int_freshness__measure_tables') }}

),

limits as (

    select *
    from {{ ref('feed_limits') }}

)

select
    measured.source_name,
    measured.table_name,
    measured.latest_data_on,
    measured.age_days,
    limits.stale_after_days
from measured
inner join limits
    on
        measured.source_name = limits.source_name
        and measured.table_name = limits.table_name
where coalesce(measured.age_days > limits.stale_after_days, true)
