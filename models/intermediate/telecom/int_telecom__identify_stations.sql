-- One row per municipality, station, operator and generation, with its first licence for that generation in the newest
-- file. Not additive over generations or operators: a site counts in each.
-- The register's own "first licence" is of the site, often decades before its 5G. A renewal replaces a licence's date:
-- the first licence is exact for the newest month and may be too late for the ones before it.
{{ config(materialized='table') }}

with

stations as (

    select
        *,
        {{ operator_spelling('operator_name') }} as operator_spelling
    from {{ ref('stg_anatel__smp_stations') }}
    where
        municipality_code is not null
        and station_id is not null
        and licensed_on is not null

),

operators as (

    select *
    from {{ ref('mobile_operators') }}

),

technologies as (

    select *
    from {{ ref('mobile_technologies') }}

)

select
    stations.municipality_code,
    stations.station_id,
    coalesce(operators.operator_name, stations.operator_spelling, 'unknown') as operator_name,
    coalesce(technologies.generation_name, 'other') as generation_name,

    min(stations.licensed_on) as first_licensed_on
from stations
left join operators
    on stations.operator_spelling = operators.operator_spelling
left join technologies
    on stations.technology_code = technologies.technology_code
group by all
