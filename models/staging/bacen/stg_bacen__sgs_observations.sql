-- One row per series and reference day: the newest reading that holds the day. A shorter reading deletes nothing.
with

source as (

    select *
    from {{ source('bacen', 'sgs_observations') }}

),

renamed as (

    select
        _dataset_id as series_id,

        -- JSON sends a decimal point, CSV a decimal comma
        {{ decimal_from_text('valor') }} as value,
        {{ is_damaged_number('valor') }} as is_damaged,

        {{ date_from_text('data') }} as reference_on,
        {{ date_from_text('datafim') }} as reference_end_on,
        _extracted_at as extracted_at
    from source

),

-- a day that stands twice in one reading counts once
readings as (

    select
        series_id,
        reference_on,
        extracted_at,
        max(value) as value,
        max(reference_end_on) as reference_end_on,
        bool_or(is_damaged) as is_damaged,
        count(*) > 1 as is_repeated
    from renamed
    where reference_on is not null
    group by series_id, reference_on, extracted_at

)

select
    series_id,

    value,

    is_damaged,
    is_repeated,
    -- a target rate is published up to the next meeting: those days lay ahead when they were read
    reference_on > {{ bahia_day('extracted_at') }} as is_future,

    reference_on,
    reference_end_on,
    extracted_at
from readings
where {{ latest_per_key('readings', 'series_id, reference_on', 'extracted_at') }}
