-- One row per item and stocking location with excess or obsolete stock, at the close of the as-of day. Units are
-- additive over locations of one item, BRL over everything.
-- Excess is what the position holds above the maximum and a year's demand; obsolete is stock of which nothing was
-- issued for a long time. What one location has in excess is offered to those of the same item that are at or below
-- their reorder point, the largest need first.
with

replenishment as (

    select
        *,
        position_units - order_up_to_units - annual_demand_units::decimal(18, 3) as surplus_units
    from {{ ref('int_planning__compute_replenishment') }}

),

settings as (

    select *
    from {{ ref('policy_settings') }}

),

movements as (

    select
        item_id,
        location_id,
        min(moved_on) as first_moved_on,
        max(moved_on) filter (where issued_units > 0) as last_issued_on
    from {{ ref('int_inventory__net_movements_daily') }}
    group by item_id, location_id

),

stocked as (

    select
        replenishment.item_id,
        replenishment.location_id,
        replenishment.as_of_on,
        replenishment.planning_on,
        replenishment.abc_class,
        replenishment.unit_cost_brl,
        replenishment.annual_demand_units,
        replenishment.order_up_to_units,
        replenishment.on_hand_units,
        replenishment.on_order_units,
        replenishment.position_units,
        movements.last_issued_on,
        -- without demand nothing is needed; with demand and no maximum nobody knows
        case
            when replenishment.status = 'no_demand' then greatest(replenishment.position_units, 0)
            when replenishment.order_up_to_units is not null
                then greatest(replenishment.surplus_units, 0)
        end::decimal(18, 3) as excess_units,
        coalesce(
            coalesce(movements.last_issued_on, movements.first_moved_on)
            <= replenishment.as_of_on - to_months(settings.obsolete_after_months), false
        ) as is_obsolete
    from replenishment
    cross join settings
    left join movements
        on
            replenishment.item_id = movements.item_id
            and replenishment.location_id = movements.location_id
    where replenishment.on_hand_units > 0

),

-- only what lies there can be sent
offers as (

    select
        *,
        least(excess_units, on_hand_units) as offered_units,
        coalesce(sum(least(excess_units, on_hand_units)) over (
            partition by item_id
            order by location_id
            rows between unbounded preceding and 1 preceding
        ), 0) as offered_before_units
    from stocked
    where excess_units > 0

),

needs as (

    select
        item_id,
        location_id,
        order_up_to_units - position_units as needed_units,
        coalesce(sum(order_up_to_units - position_units) over (
            partition by item_id
            order by order_up_to_units - position_units desc, location_id asc
            rows between unbounded preceding and 1 preceding
        ), 0) as needed_before_units
    from replenishment
    where
        is_below_reorder_point
        and order_up_to_units > position_units

),

-- offers and needs of an item laid end to end: where they overlap, something moves; whole units only
transfers as (

    select
        offers.item_id,
        offers.location_id,
        needs.location_id as to_location_id,
        floor(
            least(
                offers.offered_before_units + offers.offered_units,
                needs.needed_before_units + needs.needed_units
            )
            - greatest(offers.offered_before_units, needs.needed_before_units)
        ) as transfer_units
    from offers
    inner join needs
        on
            offers.item_id = needs.item_id
            and offers.offered_before_units < needs.needed_before_units + needs.needed_units
            and needs.needed_before_units < offers.offered_before_units + offers.offered_units

),

transfers_by_offer as (

    select
        item_id,
        location_id,
        sum(transfer_units) as transfer_units,
        max_by(to_location_id, transfer_units) as transfer_to_location_id
    from transfers
    where transfer_units > 0
    group by item_id, location_id

)

select
    stocked.item_id,
    stocked.location_id,

    stocked.as_of_on,
    stocked.planning_on,
    stocked.abc_class,

    stocked.unit_cost_brl,
    stocked.annual_demand_units,
    stocked.order_up_to_units,
    stocked.on_hand_units,
    stocked.on_order_units,
    stocked.position_units,
    stocked.excess_units,
    (stocked.excess_units * stocked.unit_cost_brl)::decimal(18, 2) as excess_value_brl,

    stocked.is_obsolete,
    stocked.last_issued_on,
    (stocked.on_hand_units * stocked.unit_cost_brl)::decimal(18, 2) as stock_value_brl,

    coalesce(transfers_by_offer.transfer_units, 0)::decimal(18, 3) as transfer_units,
    transfers_by_offer.transfer_to_location_id
from stocked
left join transfers_by_offer
    on
        stocked.item_id = transfers_by_offer.item_id
        and stocked.location_id = transfers_by_offer.location_id
where stocked.excess_units > 0 or stocked.is_obsolete
