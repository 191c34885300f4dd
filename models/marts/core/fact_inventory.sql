-- Grain: one row per item, stocking location and day from the pair's first movement to the as-of day. on_hand_units and
-- stock_value_brl are additive over items (value only) and locations, never over days; received, issued and adjusted
-- units are additive over days too.
-- The stock that lay on every shelf at the close of every day, rebuilt from the movements.
-- Incremental by pair: a pair is written anew from the first day on which its movements, the version of its item or its
-- location differ from what the fact was built from, every other pair only for the days since the last build; balances
-- carry on from the row before. What was built from is kept beside the fact, so any order of arrival gives the content
-- of a full refresh.
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook='{{ delete_stock_to_be_rewritten() }}',
        post_hook=[
            "{{ remember_inputs('movements', ref('int_inventory__net_movements_daily')) }}",
            "{{ remember_inputs('members', '(' ~ stock_members() ~ ')') }}"
        ],
        meta={'gold_order_by': ['stock_on', 'item_id', 'location_id']}
    )
}}

with

movements as (

    select *
    from {{ ref('int_inventory__net_movements_daily') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}

),

locations as (

    select *
    from {{ ref('dim_locations') }}

),

{% if is_incremental() %}
touched as (

    {{ touched_stock_pairs() }}

),

built as (

    select coalesce(max(stock_on), {{ beginning_of_time() }}::date) as built_until_on
    from {{ this }}

),

pairs as (

    select distinct
        item_id,
        location_id
    from movements

),

starts as (

    select
        pairs.item_id,
        pairs.location_id,
        -- least skips NULL: an untouched pair goes on after the last day that was built
        least(touched.start_on, built.built_until_on + 1) as start_on
    from pairs
    cross join built
    left join touched
        on
            pairs.item_id = touched.item_id
            and pairs.location_id = touched.location_id

),

changes as (

    select
        starts.item_id,
        starts.location_id,
        starts.start_on as changed_on,
        opening.on_hand_units as net_units,
        0::decimal(18, 3) as received_units,
        0::decimal(18, 3) as issued_units,
        0::decimal(18, 3) as adjusted_units,
        opening.source_extracted_at
    from starts
    inner join {{ this }} as opening
        on
            starts.item_id = opening.item_id
            and starts.location_id = opening.location_id
            and starts.start_on - 1 = opening.stock_on
    union all
    select
        movements.item_id,
        movements.location_id,
        movements.moved_on as changed_on,
        movements.net_units,
        movements.received_units,
        movements.issued_units,
        movements.adjusted_units,
        movements.source_extracted_at
    from movements
    inner join starts
        on
            movements.item_id = starts.item_id
            and movements.location_id = starts.location_id
            and movements.moved_on >= starts.start_on

),
{% else %}
changes as (

    select
        item_id,
        location_id,
        moved_on as changed_on,
        net_units,
        received_units,
        issued_units,
        adjusted_units,
        source_extracted_at
    from movements

),
{% endif %}

daily_changes as (

    select
        item_id,
        location_id,
        changed_on,
        sum(net_units) as net_units,
        sum(received_units) as received_units,
        sum(issued_units) as issued_units,
        sum(adjusted_units) as adjusted_units,
        max(source_extracted_at) as source_extracted_at
    from changes
    group by item_id, location_id, changed_on

),

-- a balance holds from its change to the day before the next one
balances as (

    select
        daily_changes.item_id,
        daily_changes.location_id,
        daily_changes.changed_on,
        daily_changes.received_units,
        daily_changes.issued_units,
        daily_changes.adjusted_units,
        (sum(daily_changes.net_units) over to_date)::decimal(18, 3) as on_hand_units,
        max(daily_changes.source_extracted_at) over to_date as source_extracted_at,
        least(
            lead(daily_changes.changed_on) over to_date - 1, as_of.as_of_on
        ) as held_until_on
    from daily_changes
    cross join as_of
    where daily_changes.changed_on <= as_of.as_of_on
    window to_date as (
        partition by daily_changes.item_id, daily_changes.location_id
        order by daily_changes.changed_on
    )

),

-- cut at the versions of the item, so that no day has to look its version up
segments as (

    select
        balances.*,
        items.version_key,
        items.unit_cost_brl,
        greatest(balances.changed_on, items.valid_from_on) as segment_from_on,
        least(balances.held_until_on, items.valid_to_on - 1) as segment_until_on
    from balances
    left join items
        on
            balances.item_id = items.item_id
            and balances.held_until_on >= items.valid_from_on
            and balances.changed_on < items.valid_to_on

),

days as (

    select
        *,
        unnest(generate_series(segment_from_on, segment_until_on, interval 1 day))::date as stock_on
    from segments

)

select
    days.stock_on,

    coalesce(days.version_key, 'unknown') as item_key,
    coalesce(locations.location_key, 'unknown') as location_key,
    days.item_id,
    days.location_id,

    days.on_hand_units,
    case when days.stock_on = days.changed_on then days.received_units else 0 end::decimal(18, 3) as received_units,
    case when days.stock_on = days.changed_on then days.issued_units else 0 end::decimal(18, 3) as issued_units,
    case when days.stock_on = days.changed_on then days.adjusted_units else 0 end::decimal(18, 3) as adjusted_units,
    (days.on_hand_units * days.unit_cost_brl)::decimal(18, 2) as stock_value_brl,

    days.source_extracted_at
from days
left join locations
    on days.location_id = locations.location_id
