-- One row per item, stocking location and day with a movement. Additive.
-- Splits the change of the stock into what was received, what was issued (positive) and everything else (opening
-- balances, returns from the field, counts), so that received - issued + adjusted is the change.
{{ config(materialized='table') }}

with

movements as (

    select
        coalesce(item_id, 'unknown') as item_id,
        coalesce(location_id, 'unknown') as location_id,

        movement_type,

        moved_units,

        {{ bahia_day('moved_at') }} as moved_on,
        extracted_at
    from {{ ref('stg_erp__stock_movements') }}

)

select
    moved_on,

    item_id,
    location_id,

    sum(moved_units)::decimal(18, 3) as net_units,
    coalesce(sum(moved_units) filter (where movement_type = 'receipt'), 0)::decimal(18, 3) as received_units,
    coalesce(-sum(moved_units) filter (where movement_type = 'issue'), 0)::decimal(18, 3) as issued_units,
    coalesce(
        sum(moved_units) filter (where coalesce(movement_type, '') not in ('receipt', 'issue')), 0
    )::decimal(18, 3) as adjusted_units,

    max(extracted_at) as source_extracted_at
from movements
group by moved_on, item_id, location_id
