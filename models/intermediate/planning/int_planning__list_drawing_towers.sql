-- One row per item, stocking location and tower that drew the item from that shelf in the trailing months of the
-- settings. Who notices when the shelf is empty.
{{ config(materialized='table') }}

with

daily as (

    select *
    from {{ ref('int_demand__aggregate_daily') }}

),

settings as (

    select *
    from {{ ref('report_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

)

select
    daily.item_id,
    daily.location_id,
    daily.tower_id,
    max(daily.demand_on) as last_demand_on
from daily
cross join settings
inner join as_of
    on daily.demand_on > as_of.as_of_on - to_months(settings.exposure_months)
where daily.tower_id <> 'unknown'
group by daily.item_id, daily.location_id, daily.tower_id
