-- One row per day and holiday name: the newest reading of each year.
with

source as (

    select *
    from {{ source('calendar', 'holidays') }}
    where {{ latest_per_key(source('calendar', 'holidays'), 'year, _dataset_id') }}

),

renamed as (

    select
        trim(name) as holiday_name,
        scope as holiday_scope,
        kind as holiday_kind,

        {{ date_from_text('date') }} as holiday_on,
        _extracted_at as extracted_at
    from source

)

select * from renamed
