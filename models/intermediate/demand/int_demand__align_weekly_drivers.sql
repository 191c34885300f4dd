-- One row per item category, driver and whole ISO week of the trailing window. Not additive.
-- Puts what the field asked for beside what may go with it: rain, heat, storms, holidays, the exchange rate and the 5G
-- roll-out. Weather is the mean of the stations, a month's new 5G stations stand in each of its weeks.
-- Means are of decimals, so that the order in which threads add leaves the published bytes alone.
{{ config(materialized='table') }}

with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

settings as (

    select *
    from {{ ref('report_settings') }}

),

weeks as (

    select
        unnest(generate_series(
            date_trunc('week', as_of.as_of_on + 1) - to_weeks(settings.driver_history_weeks),
            date_trunc('week', as_of.as_of_on + 1) - to_weeks(1),
            interval 1 week
        ))::date as week_on
    from as_of
    cross join settings

),

weather as (

    select
        date_trunc('week', observed_on)::date as week_on,
        observed_on,
        avg(rain_mm::decimal(18, 9)) as rain_mm,
        avg(temperature_max_celsius::decimal(18, 9)) as temperature_max_celsius,
        max(gust_max_metres_per_second) as gust_max_metres_per_second,
        max(rain_mm) as rain_max_mm
    from {{ ref('int_weather__aggregate_daily') }}
    group by all

),

weather_weekly as (

    select
        weather.week_on,
        sum(weather.rain_mm::decimal(18, 9))::double as rain,
        avg(weather.temperature_max_celsius::decimal(18, 9))::double as heat,
        (count(*) filter (
            where
            weather.gust_max_metres_per_second >= settings.storm_gust_metres_per_second
            or weather.rain_max_mm >= settings.storm_rain_mm
        ))::double as storms
    from weather
    cross join settings
    group by weather.week_on

),

holidays_weekly as (

    select
        date_trunc('week', date_on)::date as week_on,
        (count(*) filter (where is_holiday and not is_weekend))::double as holidays
    from {{ ref('int_calendar__describe_days') }}
    group by all

),

exchange_weekly as (

    select
        date_trunc('week', reference_on)::date as week_on,
        avg(value::decimal(18, 9))::double as exchange_rate
    from {{ ref('int_economy__track_vintages') }}
    where
        series_id = 'ptax.USD'
        and is_latest
    group by all

),

network_monthly as (

    select
        month_on,
        sum(new_stations_5g_count)::double as network_5g
    from {{ ref('int_telecom__count_stations_monthly') }}
    group by month_on

),

drivers as (

    select
        weeks.week_on,
        weather_weekly.rain,
        weather_weekly.heat,
        weather_weekly.storms,
        holidays_weekly.holidays,
        exchange_weekly.exchange_rate,
        network_monthly.network_5g
    from weeks
    left join weather_weekly
        on weeks.week_on = weather_weekly.week_on
    left join holidays_weekly
        on weeks.week_on = holidays_weekly.week_on
    left join exchange_weekly
        on weeks.week_on = exchange_weekly.week_on
    left join network_monthly
        on date_trunc('month', weeks.week_on) = network_monthly.month_on

),

demand as (

    select
        items.category_name,
        date_trunc('week', daily.demand_on)::date as week_on,
        sum(daily.demand_lines) as demand_lines
    from {{ ref('int_demand__aggregate_daily') }} as daily
    inner join {{ ref('int_items__history') }} as items
        on daily.item_key = items.version_key
    where items.category_name is not null
    group by all

),

categories as (

    select
        category_name,
        min(week_on) as first_week_on
    from demand
    group by category_name

),

demand_weekly as (

    select
        categories.category_name,
        weeks.week_on,
        coalesce(demand.demand_lines, 0)::double as demand_lines
    from categories
    inner join weeks
        on categories.first_week_on <= weeks.week_on
    left join demand
        on
            categories.category_name = demand.category_name
            and weeks.week_on = demand.week_on

)

{% set names = ['rain', 'heat', 'storms', 'holidays', 'exchange_rate', 'network_5g'] -%}
{% for name in names %}
select
    demand_weekly.category_name,
    '{{ name }}' as driver_name,
    demand_weekly.week_on,
    demand_weekly.demand_lines,
    drivers.{{ name }} as driver_value
from demand_weekly
inner join drivers
    on demand_weekly.week_on = drivers.week_on
{{- '\nunion all' if not loop.last }}
{% endfor %}
