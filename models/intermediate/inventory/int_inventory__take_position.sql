-- One row per item and stocking location that planning looks at, at the close of the as-of day. Units are additive over
-- locations of one item.
-- Position = on hand + on order - backorders: what is there, what will come, what is already promised.
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

on_hand as (

    select
        movements.item_id,
        movements.location_id,
        sum(movements.net_units) as on_hand_units
    from {{ ref('int_inventory__net_movements_daily') }} as movements
    inner join as_of
        on movements.moved_on <= as_of.as_of_on
    group by movements.item_id, movements.location_id

),

on_order as (

    select
        item_id,
        location_id,
        sum(open_units) as on_order_units
    from {{ ref('int_supply__follow_order_lines') }}
    group by item_id, location_id

),

backorders as (

    select
        lines.item_id,
        lines.location_id,
        sum(lines.requested_units) as backordered_units
    from {{ ref('int_demand__classify_lines') }} as lines
    inner join as_of
        on lines.requested_on <= as_of.as_of_on
    where
        lines.line_class = 'demand'
        and lines.requisition_status = 'open'
    group by lines.item_id, lines.location_id

),

joined as (

    select
        pairs.item_id,
        pairs.location_id,
        coalesce(on_hand.on_hand_units, 0)::decimal(18, 3) as on_hand_units,
        coalesce(on_order.on_order_units, 0)::decimal(18, 3) as on_order_units,
        coalesce(backorders.backordered_units, 0)::decimal(18, 3) as backordered_units
    from pairs
    left join on_hand
        on
            pairs.item_id = on_hand.item_id
            and pairs.location_id = on_hand.location_id
    left join on_order
        on
            pairs.item_id = on_order.item_id
            and pairs.location_id = on_order.location_id
    left join backorders
        on
            pairs.item_id = backorders.item_id
            and pairs.location_id = backorders.location_id

)

select
    *,
    (on_hand_units + on_order_units - backordered_units)::decimal(18, 3) as position_units
from joined
