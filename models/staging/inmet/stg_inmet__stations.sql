-- One row per weather station: the newest catalogue that lists it. A shorter catalogue closes no station.
with

source as (

    select *
    from {{ source('inmet', 'stations') }}

),

renamed as (

    select
        upper(trim(cd_estacao)) as station_id,
        trim(cd_wsi) as wigos_id,

        trim(dc_nome) as station_name,
        upper(trim(sg_estado)) as state_code,
        trim(cd_situacao) as station_status,
        trim(tp_estacao) as station_type,
        {{ decimal_from_text('vl_latitude', 'double') }} as latitude,
        {{ decimal_from_text('vl_longitude', 'double') }} as longitude,
        {{ decimal_from_text('vl_altitude', 'double') }} as altitude_metres,
        trim(cd_situacao) = 'Operante' as is_operating,
        _dataset_id = 'stations.T' as is_automatic,
        _extracted_at < max(_extracted_at) over (partition by _dataset_id) as is_delisted,

        {{ date_from_text('dt_inicio_operacao') }} as operating_from_on,
        {{ date_from_text('dt_fim_operacao') }} as operating_to_on,
        _extracted_at as extracted_at
    from source

)

select * from renamed
where {{ latest_per_key('renamed', 'station_id', 'extracted_at') }}
