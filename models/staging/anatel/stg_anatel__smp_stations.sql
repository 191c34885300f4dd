-- One row per station, operator, technology and day of licence, from the newest file that covers the municipality. The
-- files have one row per carrier (frequency, sector), not per site: `carriers_count` says how many.
-- Vintages: the newest file that holds a municipality replaces what older ones said of it, also when it is shorter; a
-- municipality that a file lacks stays as it was. Older vintages are kept in bronze.
with

source as (

    select *
    from {{ source('anatel', 'smp_stations') }}

),

renamed as (

    select
        {{ known_text('numestacao') }} as station_id,

        {{ known_text('nomeentidade') }} as operator_name,
        {{ known_text('upper(siglauf)') }} as state_code,
        {{ municipality_code('codmunicipio') }} as municipality_code,
        {{ known_text('upper(tecnologia)') }} as technology_code,
        {{ decimal_from_text('latitude', 'double') }} as latitude,
        {{ decimal_from_text('longitude', 'double') }} as longitude,
        {{ yes_or_no('compartilhamentoinfrafisica') }} as is_shared_site,

        {{ date_from_text('datalicenciamento') }} as licensed_on,
        {{ date_from_text('dataprimeirolicenciamento') }} as first_licensed_on,
        -- what the file covers: its municipalities, and the rows without a readable one by state
        coalesce({{ municipality_code('codmunicipio') }}, upper(trim(siglauf)), '') as coverage_id,
        _extracted_at as extracted_at
    from source

),

latest as (

    select *
    from renamed
    where {{ latest_per_key('renamed', 'coverage_id', 'extracted_at') }}

)

select
    station_id,
    operator_name,
    state_code,
    municipality_code,
    technology_code,

    max(latitude) as latitude,
    max(longitude) as longitude,
    count(*) as carriers_count,
    bool_or(is_shared_site) as is_shared_site,
    municipality_code is not null as is_municipality_known,
    -- mainland and islands of Brazil
    coalesce(max(latitude) between -34 and 6 and max(longitude) between -74 and -28, false) as is_position_plausible,

    licensed_on,
    min(first_licensed_on) as first_licensed_on,
    max(extracted_at) as extracted_at
from latest
group by station_id, operator_name, state_code, municipality_code, technology_code, licensed_on
