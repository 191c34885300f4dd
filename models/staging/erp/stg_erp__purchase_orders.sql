-- One row per purchase order line: its newest version, unless the ERP deleted it.
with

source as (

    select *
    from {{ source('erp', 'purchase_orders') }}
    where
        {{ latest_per_key(source('erp', 'purchase_orders'), 'purchase_order_line_id') }}
        and not coalesce(_is_deleted, false)

),

renamed as (

    select
        purchase_order_line_id,
        purchase_order_id,
        line_number,
        supplier_id,
        item_id,
        location_id,

        status as order_status,

        quantity::decimal(18, 3) as ordered_units,
        unit_price::decimal(18, 4) as unit_price_brl,

        promised_on,
        required_on,
        requested_at,
        ordered_at,
        created_at,
        updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
