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

        requested_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
