-- Grain: one row per tower in service, at one day. Counts of items are not additive over towers: many towers draw on
-- one shelf. Hours and BRL below target are additive.
-- What would each tower miss: of the items that it drew in the trailing months of the settings, how many stand at risk
-- on the shelf that it drew them from, how many of these are out or run out within the days of the settings, under
-- which contract, and how often the tower fell below its target already.
{{ config(meta={'gold_order_by': ['tower_id']}) }}

with

towers as (

    select *
    from {{ ref('dim_towers') }}
    where is_current and is_active and tower_id <> 'unknown'

),

contracts as (

    select *
    from {{ ref('dim_contracts') }}
    where is_current

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

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

drawn as (

    select
        drawing_towers.tower_id,
        count(*)::integer as drawn_items_count,
        (count(*) filter (where risks.risk_state = 'red'))::integer as red_items_count,
        (count(*) filter (where risks.risk_state = 'amber'))::integer as amber_items_count,
        (count(*) filter (
            where risks.risk_state = 'red' and risks.is_soon
        ))::integer as soon_items_count,
        (count(*) filter (
            where risks.risk_state = 'red' and risks.is_soon and items.criticality = 'vital'
        ))::integer as soon_vital_items_count
    from {{ ref('int_planning__list_drawing_towers') }} as drawing_towers
    inner join {{ ref('int_planning__assess_stockout_risk') }} as risks
        on
            drawing_towers.item_id = risks.item_id
            and drawing_towers.location_id = risks.location_id
    inner join items
        on risks.item_id = items.item_id
    group by drawing_towers.tower_id

),

below_target as (

    select
        tower_id,
        count(*)::integer as months_below_target_count,
        sum(hours_below_target) as hours_below_target,
        sum(penalty_brl)::decimal(18, 2) as penalty_brl
    from {{ ref('int_sla__measure_tower_months') }}
    where hours_below_target > 0
    group by tower_id

)

select
    as_of.as_of_on,
    as_of.as_of_on + 1 as planning_on,
    towers.tower_key,
    towers.tower_id,
    towers.tower_name,
    towers.municipality_code,
    towers.municipality_name,
    towers.latitude,
    towers.longitude,
    towers.location_id,
    locations.location_name,

    towers.contract_id,
    contracts.client_name,
    contracts.sla_tier,
    contracts.hourly_penalty_brl,

    coalesce(drawn.drawn_items_count, 0) as drawn_items_count,
    coalesce(drawn.red_items_count, 0) as red_items_count,
    coalesce(drawn.amber_items_count, 0) as amber_items_count,
    coalesce(drawn.soon_items_count, 0) as soon_items_count,
    coalesce(drawn.soon_vital_items_count, 0) as soon_vital_items_count,

    coalesce(below_target.months_below_target_count, 0) as months_below_target_count,
    coalesce(below_target.hours_below_target, 0) as hours_below_target,
    coalesce(below_target.penalty_brl, 0)::decimal(18, 2) as penalty_brl
from towers
cross join as_of
left join contracts
    on towers.contract_id = contracts.contract_id
left join locations
    on towers.location_id = locations.location_id
left join drawn
    on towers.tower_id = drawn.tower_id
left join below_target
    on towers.tower_id = below_target.tower_id
