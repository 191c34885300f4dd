-- Every access that was published and could be counted is in the mart, month by month, and in fact_5g as well.
with

published as (

    select
        month_on,
        sum(accesses_count) as accesses_count
    from {{ ref('stg_anatel__mobile_accesses') }}
    group by month_on

),

networks as (

    select
        month_on,
        sum(accesses_count) as accesses_count
    from {{ ref('fact_mobile_networks') }}
    where accesses_count is not null
    group by month_on

),

municipalities as (

    select
        month_on,
        sum(accesses_total_count) as accesses_count
    from {{ ref('fact_5g') }}
    where accesses_total_count is not null
    group by month_on

)

select
    published.month_on,
    published.accesses_count,
    networks.accesses_count as of_networks,
    municipalities.accesses_count as of_municipalities
from published
full outer join networks
    on published.month_on = networks.month_on
full outer join municipalities
    on published.month_on = municipalities.month_on
where
    coalesce(published.accesses_count, 0) is distinct from networks.accesses_count
    or coalesce(published.accesses_count, 0) is distinct from municipalities.accesses_count
