-- One row per requisition line. Units are additive within a class; the classes together are the ERP's total.
-- Says of every line what it is (demand, service, duplicate, return, cancelled, invalid) and which stocking location it
-- concerns, because only demand for goods drives stock.
-- Incremental by line: a line is read again when it, or a line that it may double, has another version than the one
-- stored or is gone, or when another version of its item or tower holds on its day. What is compared is content, not
-- the time of arrival, so any order of arrival gives the content of a full refresh.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='requisition_line_id',
        on_schema_change='sync_all_columns',
        post_hook='{{ delete_lines_that_are_gone() }}'
    )
}}

with

requisitions as (

    select
        *,
        {{ bahia_day('requested_at') }} as requested_on
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

{% if is_incremental() %}
-- a warehouse from before the keys were kept has no such columns: all its lines are read again
classified as (

    select *
    from {{ this }}
    union all by name
    select
        null::varchar as item_key,
        null::varchar as tower_key
    where false

),

touched_lines as (

    select
        requisitions.requisition_line_id,
        requisitions.requisition_id,
        classified.requisition_id as former_requisition_id
    from requisitions
    left join classified
        on requisitions.requisition_line_id = classified.requisition_line_id
    where requisitions.extracted_at is distinct from classified.extracted_at
    union all
    select
        requisition_line_id,
        requisition_id,
        null as former_requisition_id
    from classified
    where requisition_line_id not in (select requisitions.requisition_line_id from requisitions)
    union all
    select
        classified.requisition_line_id,
        classified.requisition_id,
        null as former_requisition_id
    from classified
    left join items
        on
            classified.item_id = items.item_id
            and classified.requested_on >= items.valid_from_on
            and classified.requested_on < items.valid_to_on
    left join towers
        on
            classified.tower_id = towers.tower_id
            and classified.requested_on >= towers.valid_from_on
            and classified.requested_on < towers.valid_to_on
    where
        classified.item_key is distinct from coalesce(items.version_key, 'unknown')
        or classified.tower_key is distinct from coalesce(towers.version_key, 'unknown')

),

-- with every other line of the documents that they are in, or were in
to_classify as (

    select *
    from requisitions
    where
        requisition_line_id in (select touched_lines.requisition_line_id from touched_lines)
        or requisition_id in (select touched_lines.requisition_id from touched_lines)
        or requisition_id in (select touched_lines.former_requisition_id from touched_lines)

),
{% else %}
to_classify as (

    select *
    from requisitions

),
{% endif %}

-- the same line entered twice keeps its requisition and line number and gets another id
originals as (

    select
        requisition_id,
        line_number,
        min(requisition_line_id) as original_line_id
    from to_classify
    group by requisition_id, line_number

),

enriched as (

    select
        lines.requisition_line_id,
        lines.requisition_id,
        lines.line_number,
        coalesce(items.version_key, 'unknown') as item_key,
        coalesce(towers.version_key, 'unknown') as tower_key,
        coalesce(nullif(trim(lines.item_id), ''), 'unknown') as item_id,
        coalesce(nullif(trim(lines.location_id), ''), towers.location_id, 'unknown') as location_id,
        coalesce(nullif(trim(lines.tower_id), ''), 'unknown') as tower_id,

        lines.requisition_status,
        lines.unit_code,
        coalesce(items.is_service, false) or coalesce(lines.unit_code = 'SR', false) as is_service,
        coalesce(lines.requisition_line_id <> originals.original_line_id, false) as is_duplicate,

        lines.requested_units,

        lines.requested_on,
        {{ bahia_day('lines.fulfilled_at') }} as fulfilled_on,
        lines.extracted_at
    from to_classify as lines
    left join originals
        on
            lines.requisition_id = originals.requisition_id
            and lines.line_number = originals.line_number
    left join towers
        on
            trim(lines.tower_id) = towers.tower_id
            and lines.requested_on >= towers.valid_from_on
            and lines.requested_on < towers.valid_to_on
    left join items
        on
            trim(lines.item_id) = items.item_id
            and lines.requested_on >= items.valid_from_on
            and lines.requested_on < items.valid_to_on

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
