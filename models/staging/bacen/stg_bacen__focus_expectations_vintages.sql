-- One row per key of the survey and median that was known, half-open in knowledge time.
with

source as (

    select *
    from {{ source('bacen', 'focus_expectations') }}

),

renamed as (

    select
        _dataset_id as series_id,

        trim(indicador) as indicator_name,
        coalesce(trim(indicadordetalhe), '') as indicator_detail,
        trim(datareferencia) as reference_year_text,
        {{ decimal_from_text('mediana') }} as median_value,
        {{ decimal_from_text('media') }} as mean_value,
        {{ decimal_from_text('desviopadrao') }} as deviation_value,
        {{ decimal_from_text('minimo') }} as minimum_value,
        {{ decimal_from_text('maximo') }} as maximum_value,
        try_cast(trim(numerorespondentes) as integer) as respondents_count,

        -- 0 = answers of the last 30 days, 1 = of the last five business days
        trim(basecalculo) = '1' as is_last_five_days,

        {{ date_from_text('data') }} as surveyed_on,
        _extracted_at as extracted_at
    from source

),

readings as (

    select
        *,
        try_cast(reference_year_text as integer) as reference_year
    from renamed

)

{{
    vintages_of(
        'readings',
        'series_id, indicator_detail, surveyed_on, reference_year, is_last_five_days',
        'median_value'
    )
}}
