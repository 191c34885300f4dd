-- Grain: one row per tower, and the member 'unknown'. Not additive: it describes.
-- The sites that are maintained, their contract and the stocking location that serves them today.
{{ config(meta={'gold_order_by': ['tower_id']}) }}

with

towers as (

    select *
    from {{ ref('int_towers__history') }}
    where is_current

),

known as (

    select
        {{ surrogate_key('tower_id') }} as tower_key,
        tower_id,

        tower_name,
        tower_type,
        municipality_code,
        municipality_name,
        state_code,

        latitude,
        longitude,

        contract_id,
        location_id,

        commissioned_on,

        coalesce(is_active, true) and not is_deleted as is_active
    from towers

),

unknown as (

    select
        'unknown' as tower_key,
        'unknown' as tower_id,

        'Torre não informada' as tower_name,
        null as tower_type,
        null as municipality_code,
        null as municipality_name,
        null as state_code,

        null as latitude,
        null as longitude,

        null as contract_id,
        null as location_id,

        null as commissioned_on,

        false as is_active

)

select * from known
union all
select * from unknown
