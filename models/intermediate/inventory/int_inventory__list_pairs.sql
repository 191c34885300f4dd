-- One row per item and stocking location that planning looks at: active goods that are stocked, ordered or asked for
-- there. Services, inactive items and unknown members have no stock policy.
with

items as (

    select *
    from {{ ref('int_items__history') }}
    where
        is_current
        and not is_deleted
        and coalesce(is_active, true)
        and not coalesce(is_service, false)

),

locations as (

    select *
    from {{ ref('stg_erp__locations') }}

),

pairs as (

    select
        item_id,
        location_id
    from {{ ref('stg_erp__inventory') }}
    union distinct
    select
        item_id,
        location_id
    from {{ ref('int_demand__aggregate_daily') }}
    union distinct
    select
        item_id,
        location_id
    from {{ ref('int_supply__follow_order_lines') }}

)

select
    pairs.item_id,
    pairs.location_id
from pairs
inner join items
    on pairs.item_id = items.item_id
inner join locations
    on pairs.location_id = locations.location_id
