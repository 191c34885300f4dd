-- Grain: one row per supplier, and the member 'unknown'. Not additive: it describes.
-- From whom the company buys, and the lead time that the supplier promises.
{{ config(meta={'gold_order_by': ['supplier_id']}) }}

with

suppliers as (

    select *
    from {{ ref('int_suppliers__history') }}
    where is_current

),

known as (

    select
        {{ surrogate_key('supplier_id') }} as supplier_key,
        supplier_id,

        supplier_name,
        city_name,
        state_code,
        country_name,

        promised_lead_time_days,

        coalesce(is_active, true) and not is_deleted as is_active
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

        false as is_active

)

select * from known
union all
select * from unknown
