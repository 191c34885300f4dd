-- One row per licensed carrier of a mobile station (not per site), from the newest file that covers its municipality.
with

source as (

    select *
    from {{ source('anatel', 'smp_stations') }}

),

renamed as (

    select
        trim(numestacao) as station_id,

        trim(nomeentidade) as operator_name,
        upper(trim(siglauf)) as state_code,
        {{ municipality_code('codmunicipio') }} as municipality_code,
        upper(trim(tecnologia)) as technology_code,
        {{ decimal_from_text('latitude', 'double') }} as latitude,
        {{ decimal_from_text('longitude', 'double') }} as longitude,

        {{ date_from_text('datalicenciamento') }} as licensed_on,
        {{ date_from_text('dataprimeirolicenciamento') }} as first_licensed_on,
        _extracted_at as extracted_at
    from source

)

select * from renamed
where {{ latest_per_key('renamed', 'municipality_code', 'extracted_at') }}
