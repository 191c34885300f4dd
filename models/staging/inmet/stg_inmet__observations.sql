-- One row per station and hour: its newest version, whichever file brought it. A shorter file deletes nothing.
with

source as (

    select *
    from {{ source('inmet', 'observations') }}

),

typed as (

    select
        upper(trim(cd_estacao)) as station_id,

        trim(dc_nome) as station_name,
        upper(trim(uf)) as state_code,

        {{ decimal_from_text('chuva') }} as rain_mm,
        {{ decimal_from_text('tem_ins') }} as temperature_celsius,
        {{ decimal_from_text('tem_max') }} as temperature_max_celsius,
        {{ decimal_from_text('tem_min') }} as temperature_min_celsius,
        {{ decimal_from_text('umd_ins') }} as humidity_pct,
        {{ decimal_from_text('pre_ins') }} as pressure_hpa,
        {{ decimal_from_text('ven_vel') }} as wind_metres_per_second,
        {{ decimal_from_text('ven_raj') }} as gust_metres_per_second,
        {{ decimal_from_text('rad_glo') }} as radiation_kj_per_m2,

        -- the stamp is the end of the hour that is observed, UTC: '0000', '0000 UTC', '00:00'
        (
            {{ date_from_text('dt_medicao') }}
            + to_hours(try_cast(left(trim(hr_medicao), 2) as integer))
        ) at time zone 'UTC' as observed_at,
        _extracted_at as extracted_at
    from source

),

placed as (

    select
        *,
        -- rain and extremes cover the preceding hour, so 03:00 UTC closes the day before in Salvador
        {{ bahia_day("(observed_at - interval 1 hour)") }} as observed_on
    from typed
    where observed_at is not null

)

select * from placed
where {{ latest_per_key('placed', 'station_id, observed_at', 'extracted_at') }}
