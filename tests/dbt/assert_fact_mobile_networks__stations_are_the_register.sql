-- In the last month of the register, 5G stations by municipality are the distinct stations that it lists, one for each
-- operator that licenses it.
with

register as (

    select distinct
        municipality_code,
        {{ operator_spelling('operator_name') }} as operator_spelling,
        station_id
    from {{ ref('stg_anatel__smp_stations') }}
    where
        municipality_code is not null
        and station_id is not null
        and licensed_on is not null
        and technology_code = 'NR'

),

listed as (

    select
        municipality_code,
        count(*) as stations_count
    from register
    group by municipality_code

),

last_month as (

    select max(month_on) as month_on
    from {{ ref('fact_5g') }}
    where stations_total_count is not null

),

counted as (

    select
        networks.municipality_code,
        sum(networks.stations_count) as stations_count
    from {{ ref('fact_mobile_networks') }} as networks
    inner join last_month
        on networks.month_on = last_month.month_on
    where
        networks.generation_name = '5G'
        and networks.stations_count > 0
    group by networks.municipality_code

)

select
    listed.municipality_code,
    listed.stations_count as listed_count,
    counted.stations_count as counted_count
from listed
full outer join counted
    on listed.municipality_code = counted.municipality_code
where listed.stations_count is distinct from counted.stations_count
