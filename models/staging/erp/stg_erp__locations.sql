-- One row per stocking location (central, regional, van): the newest reading.
with

source as (

    select *
    from {{ source('erp', 'locations') }}
    where {{ latest_of_table(source('erp', 'locations')) }}

),

renamed as (

    select
        location_id,

        location_name,
        location_type,
        {{ municipality_code('municipality_code') }} as municipality_code,
        municipality_name,
        state as state_code,
        latitude,
        longitude,
        is_active,

        make_date(year, month, day) as snapshot_on,
        created_at,
        coalesce(updated_at, created_at) as updated_at,
        _extracted_at as extracted_at
    from source

)

select * from renamed
