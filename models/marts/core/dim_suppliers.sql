-- Grain: one row per version of a supplier (SCD2, half-open in valid_from/valid_to), and the member 'unknown'.
-- Not additive: it describes. Who delivers, and the lead time that was promised at the time.
{{ config(meta={'gold_order_by': ['supplier_id', 'valid_from']}) }}

with

suppliers as (

    select *
    from {{ ref('int_suppliers__history') }}

),

known as (

    select
        version_key as supplier_key,
        supplier_id,

        supplier_name,
        city_name,
        state_code,
        country_name,

        promised_lead_time_days,

        coalesce(is_active, true) and not is_deleted as is_active,

        valid_from,
        valid_to,
        is_current
    from suppliers

),

unknown as (

    select
        'unknown' as supplier_key,
        'unknown' as supplier_id,

        'Fornecedor sem cadastro' as supplier_name,
        null as city_name,
        null as state_code,
        null as country_name,

        null as promised_lead_time_days,

        false as is_active,

        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        true as is_current

)

select * from known
union all
select * from unknown
