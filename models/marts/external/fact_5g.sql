-- Grain: one row per municipality and month, since its first licence or its first published accesses. Counts are
-- stocks: additive over municipalities (operators excepted), not over months; new_stations_5g_count and
-- new_accesses_5g_count are additive over both; accesses_5g_pct is not additive.
-- How the mobile network grows where the towers stand: 5G roll-out brings work and parts of its own.
-- A table, not incremental: the register is replaced as a whole every month, and old months shrink and grow with it.
{{ config(meta={'gold_order_by': ['municipality_code', 'month_on']}) }}

with

stations as (

    select *
    from {{ ref('int_telecom__count_stations_monthly') }}

),

accesses as (

    select *
    from {{ ref('int_telecom__compare_accesses_monthly') }}

)

select
    coalesce(stations.municipality_code, accesses.municipality_code) as municipality_code,
    coalesce(stations.month_on, accesses.month_on) as month_on,

    stations.stations_5g_count,
    stations.stations_4g_count,
    stations.stations_total_count,
    stations.operators_5g_count,
    stations.new_stations_5g_count,
    accesses.accesses_total_count,
    accesses.accesses_5g_count,
    accesses.accesses_5g_pct,
    accesses.new_accesses_5g_count
from stations
full outer join accesses
    on
        stations.municipality_code = accesses.municipality_code
        and stations.month_on = accesses.month_on
