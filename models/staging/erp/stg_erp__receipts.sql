-- One row per receipt against a purchase order line: its newest version, unless the ERP deleted it.
with

source as (

    select *
    from {{ source('erp', 'receipts') }}
    where
        {{ latest_per_key(source('erp', 'receipts'), 'receipt_id') }}
        and not coalesce(_is_deleted, false)

),

renamed as (

    select
        receipt_id,
        purchase_order_line_id,

        quantity::decimal(18, 3) as received_units,

        received_at,
        created_at,
        updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
