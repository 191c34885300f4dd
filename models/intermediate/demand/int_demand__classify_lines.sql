-- One row per requisition line. Units are additive within a class; the classes together are the ERP's total.
-- Says of every line what it is (demand, service, duplicate, return, cancelled, invalid) and which stocking location it
-- concerns, because only demand for goods drives stock.
{{ config(materialized='table') }}

with

requisitions as (

    select *
    from {{ ref('stg_erp__requisitions') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}

),

towers as (

    select *
    from {{ ref('int_towers__history') }}

),

-- the same line entered twice keeps its requisition and line number and gets another id
originals as (

    select
        requisition_id,
        line_number,
        min(requisition_line_id) as original_line_id
    from requisitions
    group by requisition_id, line_number

),

dated as (

    select
        *,
        {{ bahia_day('requested_at') }} as requested_on
    from requisitions

),

enriched as (

    select
        dated.requisition_line_id,
        dated.requisition_id,
        dated.line_number,
        coalesce(nullif(trim(dated.item_id), ''), 'unknown') as item_id,
        coalesce(nullif(trim(dated.location_id), ''), towers.location_id, 'unknown') as location_id,
        coalesce(nullif(trim(dated.tower_id), ''), 'unknown') as tower_id,

        dated.requisition_status,
        dated.unit_code,
        coalesce(items.is_service, false) or coalesce(dated.unit_code = 'SR', false) as is_service,
        coalesce(dated.requisition_line_id <> originals.original_line_id, false) as is_duplicate,

        dated.requested_units,

        dated.requested_on,
        {{ bahia_day('dated.fulfilled_at') }} as fulfilled_on,
        dated.extracted_at
    from dated
    left join originals
        on
            dated.requisition_id = originals.requisition_id
            and dated.line_number = originals.line_number
    left join towers
        on
            dated.tower_id = towers.tower_id
            and dated.requested_on >= towers.valid_from_on
            and dated.requested_on < towers.valid_to_on
    left join items
        on
            dated.item_id = items.item_id
            and dated.requested_on >= items.valid_from_on
            and dated.requested_on < items.valid_to_on

)

select
    *,
    case
        when item_id = 'unknown' or requested_on is null or coalesce(requested_units, 0) = 0 then 'invalid'
        when is_duplicate then 'duplicate'
        when requisition_status = 'cancelled' then 'cancelled'
        when is_service then 'service'
        when requested_units < 0 then 'return'
        else 'demand'
    end as line_class
from enriched
