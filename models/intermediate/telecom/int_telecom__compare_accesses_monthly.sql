-- One row per municipality and month with published accesses. Counts are stocks: additive over municipalities, not over
-- months; new_accesses_5g_count is additive over both, and NULL where the month before was not published.
with

accesses as (

    select *
    from {{ ref('int_telecom__sum_accesses_monthly') }}

),

totals as (

    select
        municipality_code,
        month_on,
        sum(accesses_count)::bigint as accesses_total_count,
        coalesce(sum(accesses_count) filter (where generation_name = '5G'), 0)::bigint as accesses_5g_count
    from accesses
    group by municipality_code, month_on

)

select
    later.municipality_code,
    later.month_on,

    later.accesses_total_count,
    later.accesses_5g_count,
    100.0 * later.accesses_5g_count / nullif(later.accesses_total_count, 0) as accesses_5g_pct,
    later.accesses_5g_count - earlier.accesses_5g_count as new_accesses_5g_count
from totals as later
left join totals as earlier
    on
        later.municipality_code = earlier.municipality_code
        and later.month_on = earlier.month_on + interval 1 month
