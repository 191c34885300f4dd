-- One row per as-of day and item of goods in use and known by then, with the version of the item that held at the close
-- of that day.
-- The history of the item master begins with the first reading: an earlier day gets that first version. What the first
-- reading already shows as withdrawn was still in use before its last change.
{{ config(materialized='table') }}

with

as_of_days as (

    select *
    from {{ ref('int_planning__list_as_of_days') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}

),

item_starts as (

    select
        item_id,
        min(known_from_on) as known_from_on
    from {{ ref('int_planning__list_pairs') }}
    group by item_id

),

suppliers as (

    select *
    from {{ ref('int_suppliers__history') }}

)

select
    as_of_days.as_of_on,
    as_of_days.planning_on,
    as_of_days.policy_version,
    as_of_days.source_extracted_at,
    items.item_id,
    items.version_key as item_key,

    items.category_name,
    items.supplier_id,
    items.criticality,

    items.unit_cost_brl,
    items.minimum_order_units,
    items.pack_size_units,
    coalesce(items.promised_lead_time_days, suppliers.promised_lead_time_days) as promised_lead_time_days,

    {{ bahia_day('items.created_at') }} as created_on
from as_of_days
inner join items
    on
        as_of_days.as_of_on >= items.valid_from_on
        and as_of_days.as_of_on < items.valid_to_on
inner join item_starts
    on
        items.item_id = item_starts.item_id
        and as_of_days.as_of_on >= item_starts.known_from_on
left join suppliers
    on
        items.supplier_id = suppliers.supplier_id
        and as_of_days.as_of_on >= suppliers.valid_from_on
        and as_of_days.as_of_on < suppliers.valid_to_on
where
    not items.is_deleted
    and not coalesce(items.is_service, false)
    and (
        coalesce(items.is_active, true)
        or (items.is_first and as_of_days.as_of_on < {{ bahia_day('items.updated_at') }})
    )
