-- The last cumulative month of a municipality is the number of distinct stations that the register lists for it.
with

register as (

    select
        municipality_code,
        count(distinct station_id) filter (where technology_code = 'NR') as stations_5g_count,
        count(distinct station_id) as stations_total_count
    from {{ ref('stg_anatel__smp_stations') }}
    where
        municipality_code is not null
        and station_id is not null
        and licensed_on is not null
    group by municipality_code

),

facts as (

    select *
    from {{ ref('fact_5g') }}
    where
        month_on = (
            select max(last_facts.month_on)
            from {{ ref('fact_5g') }} as last_facts
            where last_facts.stations_total_count is not null
        )
        and stations_total_count is not null

)

select
    register.municipality_code,
    register.stations_5g_count as register_5g_count,
    facts.stations_5g_count as fact_5g_count,
    register.stations_total_count as register_total_count,
    facts.stations_total_count as fact_total_count
from register
full outer join facts
    on register.municipality_code = facts.municipality_code
where
    register.stations_5g_count is distinct from facts.stations_5g_count
    or register.stations_total_count is distinct from facts.stations_total_count
