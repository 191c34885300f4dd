-- One row per series, reference day and reading: every vintage stays, because values are revised silently.
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

        {{ date_from_text('data') }} as reference_on,
        {{ date_from_text('datafim') }} as reference_end_on,
        _extracted_at as extracted_at
    from source

)

select * from renamed
