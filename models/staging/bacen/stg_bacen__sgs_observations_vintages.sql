-- One row per series, reference day and value that was known, half-open in knowledge time: what was known on day t is
-- the row with known_from <= t < known_to. Values are revised silently, so nothing that was read is thrown away.
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

{{ vintages_of('readings', 'series_id, reference_on', 'value') }}
