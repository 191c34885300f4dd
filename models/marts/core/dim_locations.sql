-- Grain: one row per stocking location, and the member 'unknown'. Not additive: it describes.
-- Where stock is held: central and regional warehouses and vans.
{{ config(meta={'gold_order_by': ['location_id']}) }}

with

locations as (

    select *
    from {{ ref('int_locations__history') }}
    where is_current

),

known as (

    select
        {{ surrogate_key('location_id') }} as location_key,
        location_id,

        location_name,
        location_type,
        municipality_code,
        municipality_name,
        state_code,

        latitude,
        longitude,

        coalesce(is_active, true) and not is_deleted as is_active
    from locations

),

unknown as (

    select
        'unknown' as location_key,
        'unknown' as location_id,

        'Local não informado' as location_name,
        null as location_type,
        null as municipality_code,
        null as municipality_name,
        null as state_code,

        null as latitude,
        null as longitude,

        false as is_active

)

select * from known
union all
select * from unknown
