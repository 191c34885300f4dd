-- One row per stock movement: its newest version, unless the ERP deleted it. Signed: positive in, negative out.
with

source as (

    select *
    from {{ source('erp', 'stock_movements') }}
    where
        {{ latest_per_key(source('erp', 'stock_movements'), 'movement_id') }}
        and not coalesce(_is_deleted, false)

),

renamed as (

    select
        movement_id,
        item_id,
        location_id,
        requisition_line_id,
        purchase_order_line_id,

        movement_type,

        quantity::decimal(18, 3) as moved_units,
        unit_cost::decimal(18, 4) as unit_cost_brl,

        moved_at,
        created_at,
        updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
