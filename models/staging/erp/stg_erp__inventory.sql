-- One row per item and stocking location: the ERP's own position at the close of the day. An item stands in as many
-- rows as there are locations that know it.
with

source as (

    select *
    from {{ source('erp', 'inventory') }}
    where {{ latest_of_table(source('erp', 'inventory')) }}

),

renamed as (

    select
        item_id,
        location_id,

        current_stock::decimal(18, 3) as on_hand_units,
        min_stock::decimal(18, 3) as minimum_stock_units,
        max_stock::decimal(18, 3) as maximum_stock_units,
        reorder_point::decimal(18, 3) as buyer_reorder_point_units,

        coalesce(current_stock < 0, false) as is_negative,
        coalesce(current_stock > max_stock, false) as is_above_maximum,

        date as stock_on,
        last_updated as updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
