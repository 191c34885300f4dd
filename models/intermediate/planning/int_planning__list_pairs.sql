-- One row per item and stocking location that was ever asked for, ordered or moved, with the day it became known.
with

locations as (

    select *
    from {{ ref('stg_erp__locations') }}

),

appearances as (

    select
        item_id,
        location_id,
        min(known_from_on) as known_from_on
    from {{ ref('int_demand__date_known_lines') }}
    group by item_id, location_id
    union all
    select
        item_id,
        location_id,
        min(requested_on) as known_from_on
    from {{ ref('int_supply__follow_order_lines') }}
    group by item_id, location_id
    union all
    select
        item_id,
        location_id,
        {{ bahia_day('min(greatest(moved_at, created_at))') }} as known_from_on
    from {{ ref('stg_erp__stock_movements') }}
    group by item_id, location_id

)

select
    appearances.item_id,
    appearances.location_id,
    min(appearances.known_from_on) as known_from_on
from appearances
inner join locations
    on appearances.location_id = locations.location_id
where appearances.item_id <> 'unknown'
group by appearances.item_id, appearances.location_id
