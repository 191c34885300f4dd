-- Grain: one row per version of an item (SCD2, half-open in valid_from/valid_to), and the member 'unknown'.
-- Not additive: it describes. What the company buys, stocks and asks for, as it was described at the time.
{{ config(meta={'gold_order_by': ['item_id', 'valid_from']}) }}

with

items as (

    select *
    from {{ ref('int_items__history') }}

),

known as (

    select
        version_key as item_key,
        item_id,

        item_name,
        category_name,
        family_name,
        unit_code,
        criticality,
        supplier_id,

        unit_cost_brl,
        promised_lead_time_days,
        minimum_order_units,
        pack_size_units,

        is_service,
        coalesce(is_active, true) and not is_deleted as is_active,

        valid_from,
        valid_to,
        is_current
    from items

),

unknown as (

    select
        'unknown' as item_key,
        'unknown' as item_id,

        'Item sem cadastro' as item_name,
        null as category_name,
        null as family_name,
        null as unit_code,
        null as criticality,
        null as supplier_id,

        null as unit_cost_brl,
        null as promised_lead_time_days,
        null as minimum_order_units,
        null as pack_size_units,

        false as is_service,
        false as is_active,

        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        true as is_current

)

select * from known
union all
select * from unknown
