-- One row per tower or stocking location and span of days in which one station stands for its weather, half-open in
-- days. Not additive. The nearest station that works is chosen: one that was silent for most of the last days falls to
-- the next, and takes over again once it answers. Days on which no candidate works have no row.
-- Places that share their candidates share every choice, so the days are walked once per list, not once per tower.
{{ config(materialized='table') }}

with

settings as (

    select *
    from {{ ref('weather_settings') }}

),

places as (

    select
        'tower' as place_type,
        tower_id as place_id,
        latitude,
        longitude
    from {{ ref('int_towers__history') }}
    where is_current and not is_deleted
    union all
    select
        'location' as place_type,
        location_id as place_id,
        latitude,
        longitude
    from {{ ref('int_locations__history') }}
    where is_current and not is_deleted

),

station_days as (

    select *
    from {{ ref('int_weather__aggregate_daily') }}

),

-- coordinates move when a station is surveyed again: the newest count, and the catalogue where a file has none
stations as (

    select
        station_days.station_id,
        coalesce(arg_max(station_days.latitude, station_days.observed_on), max(catalogue.latitude)) as latitude,
        coalesce(arg_max(station_days.longitude, station_days.observed_on), max(catalogue.longitude)) as longitude
    from station_days
    left join {{ ref('stg_inmet__stations') }} as catalogue
        on station_days.station_id = catalogue.station_id
    group by station_days.station_id

),

days as (

    select unnest(range(min(observed_on), max(observed_on) + interval 1 day, interval 1 day))::date as day_on
    from station_days

),

answered as (

    select
        stations.station_id,
        days.day_on,
        -- rain and temperature are what demand is explained by; another dead sensor does not matter
        coalesce(least(station_days.rain_hours, station_days.temperature_hours), 0) / 24.0 as answered_share
    from stations
    cross join days
    left join station_days
        on
            stations.station_id = station_days.station_id
            and days.day_on = station_days.observed_on

),

working as (

    select
        answered.station_id,
        answered.day_on,
        answered.answered_share,
        avg(lately.answered_share::decimal(18, 9)) >= max(settings.working_share_minimum) as is_working
    from answered
    cross join settings
    inner join answered as lately
        on
            answered.station_id = lately.station_id
            and lately.day_on between answered.day_on - settings.working_window_days + 1 and answered.day_on
    group by answered.station_id, answered.day_on, answered.answered_share

),

distances as (

    select
        places.place_type,
        places.place_id,
        stations.station_id,
        {{ distance_km('places.latitude', 'places.longitude', 'stations.latitude', 'stations.longitude') }}
            as distance_km
    from places
    cross join stations

),

ranked as (

    select
        *,
        row_number() over (
            partition by place_type, place_id
            order by distance_km, station_id
        ) as station_rank
    from distances
    where distance_km is not null

),

candidates as (

    select
        ranked.*,
        string_agg(ranked.station_id, ' ') over (
            partition by ranked.place_type, ranked.place_id
            order by ranked.station_rank
            rows between unbounded preceding and unbounded following
        ) as station_list
    from ranked
    cross join settings
    where ranked.station_rank <= settings.candidate_stations_count

),

lists as (

    select distinct
        station_list,
        station_id,
        station_rank
    from candidates

),

chosen as (

    select
        lists.station_list,
        working.day_on,
        arg_min(working.station_id, lists.station_rank) filter (where working.is_working) as station_id,
        arg_min(working.answered_share, lists.station_rank) filter (where working.is_working) as answered_share
    from lists
    inner join working
        on lists.station_id = working.station_id
    group by lists.station_list, working.day_on

),

compared as (

    select
        *,
        lag(station_id) over (
            partition by station_list
            order by day_on
        ) as station_before
    from chosen

),

numbered as (

    select
        *,
        sum(case when station_id is distinct from station_before then 1 else 0 end) over (
            partition by station_list
            order by day_on
            rows between unbounded preceding and current row
        ) as span_number
    from compared

),

spans as (

    select
        station_list,
        span_number,
        any_value(station_id) as station_id,
        avg(answered_share::decimal(18, 9)) as completeness_share,
        min(day_on) as valid_from_on
    from numbered
    group by station_list, span_number

),

bounded as (

    select
        *,
        coalesce(
            lead(valid_from_on) over (
                partition by station_list
                order by span_number
            ),
            {{ end_of_time() }}::date
        ) as valid_to_on
    from spans

)

select
    candidates.place_type,
    candidates.place_id,
    bounded.station_id,

    candidates.station_rank::integer as station_rank,
    candidates.distance_km,
    bounded.completeness_share,

    bounded.valid_from_on,
    bounded.valid_to_on,
    bounded.valid_to_on = {{ end_of_time() }}::date as is_current
from bounded
inner join candidates
    on
        bounded.station_list = candidates.station_list
        and bounded.station_id = candidates.station_id
