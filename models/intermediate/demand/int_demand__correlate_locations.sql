-- One row per item and pair of stocking locations that asked for it, each pair once. Not additive.
-- How the weekly demand of two locations goes together, over the whole weeks of the item's demand window, weeks without
-- demand included. NULL where one of them asked for the same in every week. Sums are exact decimals.
{{ config(materialized='table') }}

with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

windows as (

    -- the first whole week of the window and the first that is not over
    select
        moments.item_id,
        moments.location_id,
        (date_trunc('week', moments.window_start_on + 6))::date as first_week_on,
        (date_trunc('week', as_of.as_of_on + 1))::date as end_week_on
    from {{ ref('int_demand__measure_moments') }} as moments
    inner join as_of
        on moments.as_of_on = as_of.as_of_on

),

weekly as (

    select
        windows.item_id,
        windows.location_id,
        date_trunc('week', daily.demand_on)::date as week_on,
        ((windows.end_week_on - windows.first_week_on) // 7)::integer as weeks_count,
        sum(daily.demand_units)::decimal(18, 3) as units
    from windows
    inner join {{ ref('int_demand__aggregate_daily') }} as daily
        on
            windows.item_id = daily.item_id
            and windows.location_id = daily.location_id
            and windows.first_week_on <= daily.demand_on
            and windows.end_week_on > daily.demand_on
    group by all

),

totals as (

    select
        item_id,
        location_id,
        weeks_count,
        sum(units)::double as units,
        sum(units * units)::double as squared_units
    from weekly
    group by item_id, location_id, weeks_count

),

products as (

    select
        one.item_id,
        one.location_id,
        other.location_id as other_location_id,
        sum(one.units * other.units)::double as product_units
    from weekly as one
    inner join weekly as other
        on
            one.item_id = other.item_id
            and one.week_on = other.week_on
            and one.location_id < other.location_id
    group by one.item_id, one.location_id, other.location_id

),

pairs as (

    select
        one.item_id,
        one.location_id,
        other.location_id as other_location_id,
        one.weeks_count,
        one.weeks_count * coalesce(products.product_units, 0) - one.units * other.units as covariation,
        (one.weeks_count * one.squared_units - one.units * one.units)
        * (other.weeks_count * other.squared_units - other.units * other.units) as variation
    from totals as one
    inner join totals as other
        on
            one.item_id = other.item_id
            and one.location_id < other.location_id
    left join products
        on
            one.item_id = products.item_id
            and one.location_id = products.location_id
            and other.location_id = products.other_location_id

)

select
    item_id,
    location_id,
    other_location_id,

    weeks_count,
    case when variation > 0 then round(greatest(least(covariation / sqrt(variation), 1), -1), 9) end as correlation
from pairs
