-- Grain: one row per version of a tower (SCD2, half-open in valid_from/valid_to), and the member 'unknown'.
-- Not additive: it describes. The sites that are maintained, with the contract and the stocking location of the time.
{{ config(meta={'gold_order_by': ['tower_id', 'valid_from']}) }}

with

towers as (

    select *
    from {{ ref('int_towers__history') }}

),

known as (

    select
        version_key as tower_key,
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

        coalesce(is_active, true) and not is_deleted as is_active,

        valid_from,
        valid_to,
        is_current
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

        false as is_active,

        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        true as is_current

)

select * from known
union all
select * from unknown
