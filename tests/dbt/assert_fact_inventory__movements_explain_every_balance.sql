-- Over the life of a pair, received - issued + adjusted is the balance of its last day, and every day since its first
-- movement is there once: no day is missing from a chart and no movement counts twice after an incremental build.
with

facts as (

    select
        item_id,
        location_id,
        count(*) as day_count,
        max(stock_on) - min(stock_on) + 1 as expected_day_count,
        sum(received_units - issued_units + adjusted_units) as moved_units,
        arg_max(on_hand_units, stock_on) as on_hand_units
    from {{ ref('fact_inventory') }}
    group by item_id, location_id

)

select *
from facts
where
    day_count <> expected_day_count
    or moved_units <> on_hand_units
