-- Grain: one row per item, stocking location, tower and day with demand. demand_units (within one item) and
-- demand_lines are additive over every dimension.
-- What the field asked for, on the day it asked: the quantity that stock is planned for. Services, duplicates, returns
-- and cancelled lines are not demand.
-- Incremental by day: every day with a new, late or corrected line is written anew, so any order of arrival gives the
-- content of a full refresh.
-- depends_on: {{ ref('int_demand__line_versions') }}
-- depends_on: {{ ref('int_towers__history') }}
-- depends_on: {{ ref('int_demand__classify_lines') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='demand_on',
        on_schema_change='fail',
        pre_hook='{{ delete_days_without_demand() }}',
        meta={'gold_order_by': ['demand_on', 'item_id', 'location_id', 'tower_id']}
    )
}}

with

daily as (

    select *
    from {{ ref('int_demand__aggregate_daily') }}
    {% if is_incremental() %}
    where demand_on in ({{ touched_demand_days(this) }})
    {% endif %}

),

items as (

    select *
    from {{ ref('int_items__history') }}

),

locations as (

    select *
    from {{ ref('dim_locations') }}

),

towers as (

    select *
    from {{ ref('dim_towers') }}

)

select
    daily.demand_on,

    coalesce(items.version_key, 'unknown') as item_key,
    coalesce(locations.location_key, 'unknown') as location_key,
    coalesce(towers.tower_key, 'unknown') as tower_key,
    daily.item_id,
    daily.location_id,
    daily.tower_id,

    daily.demand_units,
    daily.demand_lines,

    daily.source_extracted_at
from daily
left join items
    on
        daily.item_id = items.item_id
        and daily.demand_on >= items.valid_from_on
        and daily.demand_on < items.valid_to_on
left join locations
    on daily.location_id = locations.location_id
left join towers
    on daily.tower_id = towers.tower_id
