-- One row per indicator, survey day, year looked at and basis of the survey: its newest reading.
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

)

select
    series_id,

    indicator_name,
    indicator_detail,
    try_cast(reference_year_text as integer) as reference_year,
    median_value,
    mean_value,
    deviation_value,
    minimum_value,
    maximum_value,
    respondents_count,

    is_last_five_days,
    not coalesce(minimum_value <= median_value and median_value <= maximum_value, true) as is_disordered,

    surveyed_on,
    extracted_at
from renamed
where
    {{
        latest_per_key(
            'renamed',
            'series_id, indicator_detail, surveyed_on, reference_year_text, is_last_five_days',
            'extracted_at'
        )
    }}
