-- One row per station and hour: its newest version, whichever file brought it. A shorter file deletes nothing.
-- An hour without a row was never sent; a row without a value is an instrument that kept silent; zero is a measurement.
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
        {{ decimal_from_text('vl_latitude', 'double') }} as latitude,
        {{ decimal_from_text('vl_longitude', 'double') }} as longitude,

        {{ decimal_from_text('chuva') }} as rain_mm,
        {{ decimal_from_text('tem_ins') }} as temperature_celsius,
        {{ decimal_from_text('tem_max') }} as temperature_max_celsius,
        {{ decimal_from_text('tem_min') }} as temperature_min_celsius,
        {{ decimal_from_text('umd_ins') }} as humidity_pct,
        {{ decimal_from_text('pre_ins') }} as pressure_hpa,
        {{ decimal_from_text('ven_vel') }} as wind_metres_per_second,
        {{ decimal_from_text('ven_raj') }} as gust_metres_per_second,
        {{ decimal_from_text('rad_glo') }} as radiation_kj_per_m2,

        {{ is_damaged_number('chuva') }}
        or {{ is_damaged_number('tem_ins') }}
        or {{ is_damaged_number('tem_max') }}
        or {{ is_damaged_number('tem_min') }}
        or {{ is_damaged_number('umd_ins') }}
        or {{ is_damaged_number('pre_ins') }}
        or {{ is_damaged_number('ven_vel') }}
        or {{ is_damaged_number('ven_raj') }}
        or {{ is_damaged_number('rad_glo') }} as is_damaged,

        -- the stamp is the end of the hour that is observed, UTC: '0000', '0000 UTC', '00:00'
        (
            {{ date_from_text('dt_medicao') }}
            + to_hours(try_cast(left(trim(hr_medicao), 2) as integer))
        ) at time zone 'UTC' as observed_at,
        _source_uri as source_uri,
        _extracted_at as extracted_at
    from source

),

placed as (

    select
        *,
        coalesce(
            rain_mm,
            temperature_celsius,
            humidity_pct,
            pressure_hpa,
            wind_metres_per_second,
            gust_metres_per_second,
            radiation_kj_per_m2
        ) is null as is_silent,
        coalesce(
            rain_mm < 0
            or humidity_pct < 0
            or humidity_pct > 100
            or pressure_hpa <= 0
            or wind_metres_per_second < 0
            or gust_metres_per_second < 0,
            false
        ) as is_impossible,
        -- rain and extremes cover the preceding hour, so 03:00 UTC closes the day before in Salvador
        {{ bahia_day("(observed_at - interval 1 hour)") }} as observed_on
    from typed
    where observed_at is not null

),

-- an hour that stands twice in one reading counts once, with the row that holds values
numbered as (

    select
        *,
        row_number() over (
            partition by station_id, observed_at
            order by extracted_at desc, is_silent asc, source_uri desc, rain_mm desc
        ) as reading_number
    from placed

)

select * exclude (source_uri, reading_number)
from numbered
where reading_number = 1
