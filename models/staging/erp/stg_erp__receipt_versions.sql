-- One row per version of a receipt ever landed: what stood there before it was changed.
with

source as (

    select *
    from {{ source('erp', 'receipts') }}

),

renamed as (

    select
        receipt_id,
        purchase_order_line_id,

        received_at,
        created_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
