-- Grain: one row per service contract, and the member 'unknown'. Not additive: it describes.
-- What was promised to a client: availability, and what an hour below it costs.
{{ config(meta={'gold_order_by': ['contract_id']}) }}

with

contracts as (

    select *
    from {{ ref('int_contracts__history') }}
    where is_current

),

known as (

    select
        {{ surrogate_key('contract_id') }} as contract_key,
        contract_id,

        client_name,
        sla_tier,

        sla_target_pct,
        hourly_penalty_brl,

        starts_on,
        ends_on,

        coalesce(is_active, true) and not is_deleted as is_active
    from contracts

),

unknown as (

    select
        'unknown' as contract_key,
        'unknown' as contract_id,

        'Contrato sem cadastro' as client_name,
        null as sla_tier,

        null as sla_target_pct,
        null as hourly_penalty_brl,

        null as starts_on,
        null as ends_on,

        false as is_active

)

select * from known
union all
select * from unknown
