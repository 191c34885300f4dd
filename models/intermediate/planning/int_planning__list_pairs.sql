-- One row per item and stocking location that was ever asked for or ordered, with the day on which it became known.
{{ config(materialized='table') }}

with

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

)

select
    item_id,
    location_id,
    min(known_from_on) as known_from_on
from appearances
where
    item_id <> 'unknown'
    and location_id <> 'unknown'
group by item_id, location_id
