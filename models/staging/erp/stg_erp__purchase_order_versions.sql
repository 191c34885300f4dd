-- One row per version of a purchase order line ever landed: what stood there before it was changed.
with

source as (

    select *
    from {{ source('erp', 'purchase_orders') }}

),

renamed as (

    select
        purchase_order_line_id,

        status as order_status,
        coalesce(_is_deleted, false) as is_deleted,

        requested_at,
        created_at,
        updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
