-- One row per month, municipality and operator as spelt: stations by generation as ANATEL's own panel counts them, the
-- newest reading of each month. A blank or `null` count stays NULL: the panel shows nothing there, which is not zero. A
-- municipality with two area codes is listed under both with the same counts, which are taken once.
with

source as (

    select *
    from {{ source('anatel', 'station_counts') }}
    where {{ latest_per_key(source('anatel', 'station_counts'), 'year, month, _dataset_id') }}

)

select
    make_date(year, month, 1) as month_on,
    {{ municipality_code('cod_ibge') }} as municipality_code,
    {{ known_text('prestadora') }} as operator_name,

    max({{ decimal_from_text('tcn_2g', 'integer') }}) as stations_2g_count,
    max({{ decimal_from_text('tcn_3g', 'integer') }}) as stations_3g_count,
    max({{ decimal_from_text('tcn_4g', 'integer') }}) as stations_4g_count,
    max({{ decimal_from_text('tcn_5g', 'integer') }}) as stations_5g_count,
    count(*) as source_row_count,
    count(*) > 1 as is_repeated,

    max(_extracted_at) as extracted_at
from source
group by all
