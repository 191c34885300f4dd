-- Grain: one row per item, stocking location, tower and day with demand. demand_units (within one item) and
-- demand_lines are additive over every dimension.
-- What the field asked for, on the day it asked: the quantity that stock is planned for. Services, duplicates, returns
-- and cancelled lines are not demand.
-- Incremental by day: every day whose content would differ is written anew, whatever made it differ (a new, late or
-- corrected line, a late version of an item, a tower that became known), so any order of arrival gives the content of a
-- full refresh, and a day that nothing concerns keeps its rows.
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

),

locations as (

    select *
    from {{ ref('dim_locations') }}

),

keyed as (

    select
        daily.demand_on,

        daily.item_key,
        coalesce(locations.location_key, 'unknown') as location_key,
        daily.tower_key,
        daily.item_id,
        daily.location_id,
        daily.tower_id,

        daily.demand_units,
        daily.demand_lines,

        daily.source_extracted_at
    from daily
    left join locations
        on daily.location_id = locations.location_id

)

select * from keyed
{% if is_incremental() %}
where demand_on in ({{ days_that_differ('keyed', this, 'demand_on') }})
{% endif %}
