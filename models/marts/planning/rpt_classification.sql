-- Grain: one row per item and stocking location known today. annual_value_brl is additive; item_annual_value_brl is the
-- item's and repeats at each of its locations; intervals, variations and classes are not additive.
-- What each part is to planning, and what changed: its classes today beside those it had at the beginning of the month
-- (on the first of a month, of the month before), with the numbers that decide them.
{{ config(meta={'gold_order_by': ['item_id', 'location_id']}) }}

with

parameters as (

    select *
    from {{ ref('fact_policy_parameters') }}

),

items as (

    select *
    from {{ ref('dim_items') }}
    where is_current

),

locations as (

    select *
    from {{ ref('dim_locations') }}

),

today as (

    select *
    from parameters
    where is_today

),

previous as (

    select *
    from parameters
    where
        as_of_on = (
            select max(parameters.as_of_on)
            from parameters
            where not parameters.is_today
        )

)

select
    today.planning_on,
    today.as_of_on,
    previous.as_of_on as previous_as_of_on,
    items.item_key,
    today.item_id,
    items.item_name,
    items.category_name,
    items.family_name,
    items.unit_code,
    today.location_key,
    today.location_id,
    locations.location_name,

    today.abc_class,
    today.xyz_class,
    today.demand_class,
    today.criticality,
    previous.abc_class as previous_abc_class,
    previous.xyz_class as previous_xyz_class,
    previous.demand_class as previous_demand_class,
    previous.criticality as previous_criticality,
    previous.item_id is null as is_new,
    -- an unknown class that becomes known has moved; a pair without a month before has not
    previous.item_id is not null and coalesce(today.abc_class, '') <> coalesce(previous.abc_class, '') as has_abc_moved,
    previous.item_id is not null and coalesce(today.xyz_class, '') <> coalesce(previous.xyz_class, '') as has_xyz_moved,
    previous.item_id is not null
    and coalesce(today.demand_class, '') <> coalesce(previous.demand_class, '') as has_demand_class_moved,
    previous.item_id is not null
    and coalesce(today.criticality, '') <> coalesce(previous.criticality, '') as has_criticality_moved,

    today.annual_value_brl,
    today.item_annual_value_brl,
    today.value_share_before,
    today.monthly_cv,
    today.average_interval_days,
    today.size_squared_cv,
    today.demand_days_count,
    today.last_demand_on
from today
inner join items
    on today.item_id = items.item_id
inner join locations
    on today.location_key = locations.location_key
left join previous
    on
        today.item_id = previous.item_id
        and today.location_id = previous.location_id
