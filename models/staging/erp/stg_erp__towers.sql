-- One row per tower: the newest reading.
with

source as (

    select *
    from {{ source('erp', 'towers') }}
    where {{ latest_of_table(source('erp', 'towers')) }}

),

renamed as (

    select
        tower_id,
        contract_id,
        location_id,

        tower_name,
        tower_type,
        {{ municipality_code('municipality_code') }} as municipality_code,
        municipality_name,
        state as state_code,
        latitude,
        longitude,
        is_active,

        commissioned_on,
        make_date(year, month, day) as snapshot_on,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
