-- One row per requisition line: its newest version, unless the ERP deleted it.
with

source as (

    select *
    from {{ source('erp', 'requisitions') }}
    where
        {{ latest_per_key(source('erp', 'requisitions'), 'requisition_line_id') }}
        and not coalesce(_is_deleted, false)

),

renamed as (

    select
        requisition_line_id,
        requisition_id,
        line_number,
        item_id,
        location_id,
        tower_id,
        work_order_id,

        unit as unit_code,
        status as requisition_status,

        quantity::decimal(18, 3) as requested_units,
        coalesce(quantity < 0, false) as is_return,

        required_on,
        requested_at,
        fulfilled_at,
        created_at,
        updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
