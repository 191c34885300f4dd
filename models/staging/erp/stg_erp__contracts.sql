-- One row per service contract: the newest reading.
with

source as (

    select *
    from {{ source('erp', 'contracts') }}
    where {{ latest_of_table(source('erp', 'contracts')) }}

),

renamed as (

    select
        contract_id,

        client_name,
        sla_tier,
        is_active,

        sla_target_pct::decimal(6, 3) as sla_target_pct,
        hourly_penalty_brl::decimal(18, 2) as hourly_penalty_brl,

        starts_on,
        ends_on,
        make_date(year, month, day) as snapshot_on,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
