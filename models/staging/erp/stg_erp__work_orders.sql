-- One row per work order: its newest version, unless the ERP deleted it.
with

source as (

    select *
    from {{ source('erp', 'work_orders') }}
    where
        {{ latest_per_key(source('erp', 'work_orders'), 'work_order_id') }}
        and not coalesce(_is_deleted, false)

),

renamed as (

    select
        work_order_id,
        tower_id,
        contract_id,

        kind as work_order_kind,
        priority as work_order_priority,
        status as work_order_status,

        downtime_minutes,

        opened_at,
        responded_at,
        closed_at,
        created_at,
        updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
