-- One row per municipality and month since its first licence, up to the newest licence anywhere. Counts are stocks (not
-- additive over months); new_stations_5g_count is additive.
-- A station counts once per generation, however many carriers it licenses, from the month of its first licence for it.
-- The last month is exact, the months before it are a lower bound.
{{ config(materialized='table') }}

with

stations as (

    select
        municipality_code,
        station_id,
        operator_name,
        generation_name,
        date_trunc('month', first_licensed_on)::date as month_on
    from {{ ref('int_telecom__identify_stations') }}

),

first_months as (

    select
        municipality_code,
        min(month_on) as month_on,
        '5G' as counted_name
    from stations
    where generation_name = '5G'
    group by municipality_code, station_id
    union all
    select
        municipality_code,
        min(month_on) as month_on,
        '4G' as counted_name
    from stations
    where generation_name = '4G'
    group by municipality_code, station_id
    union all
    select
        municipality_code,
        min(month_on) as month_on,
        'total' as counted_name
    from stations
    group by municipality_code, station_id
    union all
    select
        municipality_code,
        min(month_on) as month_on,
        'operator' as counted_name
    from stations
    where generation_name = '5G'
    group by municipality_code, operator_name

),

starts as (

    select
        municipality_code,
        month_on,
        count(*) filter (where counted_name = '5G') as stations_5g_count,
        count(*) filter (where counted_name = '4G') as stations_4g_count,
        count(*) filter (where counted_name = 'total') as stations_total_count,
        count(*) filter (where counted_name = 'operator') as operators_5g_count
    from first_months
    group by municipality_code, month_on

),

bounds as (

    select
        starts.municipality_code,
        min(starts.month_on) as first_month_on,
        (select max(everywhere.month_on) from starts as everywhere) as last_month_on
    from starts
    group by starts.municipality_code

),

months as (

    select
        municipality_code,
        unnest(generate_series(first_month_on, last_month_on, interval 1 month))::date as month_on
    from bounds

)

select
    months.municipality_code,
    months.month_on,

    (sum(starts.stations_5g_count) over to_date)::integer as stations_5g_count,
    (sum(starts.stations_4g_count) over to_date)::integer as stations_4g_count,
    (sum(starts.stations_total_count) over to_date)::integer as stations_total_count,
    (sum(starts.operators_5g_count) over to_date)::integer as operators_5g_count,
    coalesce(starts.stations_5g_count, 0)::integer as new_stations_5g_count
from months
left join starts
    on
        months.municipality_code = starts.municipality_code
        and months.month_on = starts.month_on
window to_date as (
    partition by months.municipality_code
    order by months.month_on
)
