-- Grain: one row per purchase order line. Units (within one item) and values are additive; lead times and days are not.
-- What was ordered, from whom, what came of it and when; an open line is aged to the as-of day.
-- Keyed to the versions of item and supplier that held on the day of the request.
-- Incremental by line: lines whose content differs from the stored row are written anew.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='purchase_order_line_id',
        on_schema_change='fail',
        pre_hook='{{ delete_order_lines_that_are_gone() }}',
        meta={'gold_order_by': ['purchase_order_line_id']}
    )
}}

with

order_lines as (

    select *
    from {{ ref('int_supply__follow_order_lines') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}

),

suppliers as (

    select *
    from {{ ref('int_suppliers__history') }}

),

locations as (

    select *
    from {{ ref('dim_locations') }}

),

keyed as (

    select
        order_lines.purchase_order_line_id,
        order_lines.purchase_order_id,
        order_lines.line_number,
        coalesce(items.version_key, 'unknown') as item_key,
        coalesce(suppliers.version_key, 'unknown') as supplier_key,
        coalesce(locations.location_key, 'unknown') as location_key,
        order_lines.item_id,
        order_lines.supplier_id,
        order_lines.location_id,

        order_lines.order_status,

        order_lines.ordered_units,
        order_lines.received_units,
        order_lines.open_units,
        order_lines.unit_price_brl,
        order_lines.order_value_brl,

        order_lines.requested_on,
        order_lines.ordered_on,
        order_lines.promised_on,
        order_lines.first_received_on,
        order_lines.last_received_on,
        order_lines.lead_time_days,

        order_lines.is_date_inverted,
        order_lines.is_overdue,
        order_lines.days_overdue,

        order_lines.source_extracted_at
    from order_lines
    left join items
        on
            order_lines.item_id = items.item_id
            and order_lines.requested_on >= items.valid_from_on
            and order_lines.requested_on < items.valid_to_on
    left join suppliers
        on
            order_lines.supplier_id = suppliers.supplier_id
            and order_lines.requested_on >= suppliers.valid_from_on
            and order_lines.requested_on < suppliers.valid_to_on
    left join locations
        on order_lines.location_id = locations.location_id

)

select * from keyed
{% if is_incremental() %}
except
select * from {{ this }}
{% endif %}
