-- Grain: one row per version of a service contract (SCD2, half-open in valid_from/valid_to), and the member 'unknown'.
-- Not additive: it describes. What was promised to a client at the time: availability, and what an hour below it costs.
{{ config(meta={'gold_order_by': ['contract_id', 'valid_from']}) }}

with

contracts as (

    select *
    from {{ ref('int_contracts__history') }}

),

known as (

    select
        version_key as contract_key,
        contract_id,

        client_name,
        sla_tier,

        sla_target_pct,
        hourly_penalty_brl,

        starts_on,
        ends_on,

        coalesce(is_active, true) and not is_deleted as is_active,

        valid_from,
        valid_to,
        is_current
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

        false as is_active,

        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        true as is_current

)

select * from known
union all
select * from unknown
