-- Grain: one row per municipality and month since its first licence. Counts are stocks: additive over municipalities
-- (operators excepted), not over months; new_stations_5g_count is additive over both.
-- How the mobile network grows where the towers stand: 5G roll-out brings work and parts of its own.
-- A table, not incremental: the register is replaced as a whole every month, and old months shrink and grow with it.
{{ config(meta={'gold_order_by': ['municipality_code', 'month_on']}) }}

with

stations as (

    select *
    from {{ ref('int_telecom__count_stations_monthly') }}

)

select
    municipality_code,
    month_on,

    stations_5g_count,
    stations_4g_count,
    stations_total_count,
    operators_5g_count,
    new_stations_5g_count
from stations
