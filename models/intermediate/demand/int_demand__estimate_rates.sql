-- One row per item and stocking location that planning looks at. Not additive.
-- Mean and standard deviation of demand per day over the trailing window, days without demand included; a window that
-- begins before the item does is shortened to the item's life.
{{ config(materialized='table') }}

with

pairs as (

    select *
    from {{ ref('int_inventory__list_pairs') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

settings as (

    select *
    from {{ ref('policy_settings') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}
    where is_current

),

daily as (

    select
        item_id,
        location_id,
        demand_on,
        sum(demand_units) as demand_units
    from {{ ref('int_demand__aggregate_daily') }}
    group by item_id, location_id, demand_on

),

first_demand_by_item as (

    select
        item_id,
        min(demand_on) as first_demand_on
    from daily
    group by item_id

),

company_start as (

    select min(first_demand_on) as first_demand_on
    from first_demand_by_item

),

-- greatest and least skip NULL: an item without a creation date starts at its first demand, and the other way round
windows as (

    select
        pairs.item_id,
        pairs.location_id,
        as_of.as_of_on,
        greatest(
            as_of.as_of_on - settings.demand_history_days + 1,
            company_start.first_demand_on,
            least({{ bahia_day('items.created_at') }}, first_demand_by_item.first_demand_on)
        ) as window_start_on
    from pairs
    cross join as_of
    cross join settings
    cross join company_start
    left join items
        on pairs.item_id = items.item_id
    left join first_demand_by_item
        on pairs.item_id = first_demand_by_item.item_id

),

totals as (

    select
        windows.item_id,
        windows.location_id,
        windows.window_start_on,
        windows.as_of_on,
        nullif(greatest(windows.as_of_on - windows.window_start_on + 1, 0), 0) as history_days,
        coalesce(sum(daily.demand_units), 0)::decimal(38, 3) as demand_units,
        coalesce(sum(daily.demand_units * daily.demand_units), 0)::decimal(38, 6) as squared_units
    from windows
    left join daily
        on
            windows.item_id = daily.item_id
            and windows.location_id = daily.location_id
            and daily.demand_on between windows.window_start_on and windows.as_of_on
    group by windows.item_id, windows.location_id, windows.window_start_on, windows.as_of_on

)

select
    item_id,
    location_id,

    demand_units::double / history_days as demand_mean_units_per_day,
    {{ sample_deviation('demand_units', 'squared_units', 'history_days') }} as demand_std_units_per_day,
    history_days::integer as demand_history_days,

    window_start_on
from totals
