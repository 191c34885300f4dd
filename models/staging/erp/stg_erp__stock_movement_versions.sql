-- One row per version of a stock movement ever landed: where a row was before it was corrected.
with

source as (

    select *
    from {{ source('erp', 'stock_movements') }}

),

renamed as (

    select
        movement_id,
        item_id,
        location_id,

        moved_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
