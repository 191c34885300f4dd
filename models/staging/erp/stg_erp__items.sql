-- One row per item: the newest reading of the item master.
with

source as (

    select *
    from {{ source('erp', 'items') }}
    where {{ latest_of_table(source('erp', 'items')) }}

),

renamed as (

    select
        item_id,

        item_name,
        category as category_name,
        family as family_name,
        unit as unit_code,
        supplier_id,
        criticality,
        is_service,
        is_active,

        cost::decimal(18, 4) as unit_cost_brl,
        lead_time_days as promised_lead_time_days,
        min_order_quantity::decimal(18, 3) as minimum_order_units,
        pack_size::decimal(18, 3) as pack_size_units,

        make_date(year, month, day) as snapshot_on,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
