-- One row per version of a requisition line ever landed: where a row was before it was corrected.
with

source as (

    select *
    from {{ source('erp', 'requisitions') }}

),

renamed as (

    select
        requisition_line_id,
        requisition_id,
        line_number,
        item_id,
        location_id,
        tower_id,

        status as requisition_status,
        coalesce(_is_deleted, false) as is_deleted,

        quantity::decimal(18, 3) as requested_units,

        requested_at,
        created_at,
        updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
