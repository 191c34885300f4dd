-- One row per current item of goods. Not additive.
-- Mean and deviation of the lead time from the narrowest group with enough receipts: the item, its supplier, its
-- category; failing all, what the supplier promised, with an assumed coefficient of variation.
{{ config(materialized='table') }}

with

items as (

    select *
    from {{ ref('int_items__history') }}
    where
        is_current
        and not coalesce(is_service, false)

),

suppliers as (

    select *
    from {{ ref('stg_erp__suppliers') }}

),

settings as (

    select *
    from {{ ref('policy_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

samples as (

    select
        order_lines.item_id,
        order_lines.supplier_id,
        items.category_name,
        order_lines.lead_time_days
    from {{ ref('int_supply__follow_order_lines') }} as order_lines
    cross join settings
    cross join as_of
    left join items
        on order_lines.item_id = items.item_id
    where
        order_lines.lead_time_days is not null
        and order_lines.requested_on > as_of.as_of_on - settings.lead_time_history_days

),

{% set groups = {'item': 'item_id', 'supplier': 'supplier_id', 'category': 'category_name'} -%}
grouped as (

    {% for group_name, group_id in groups.items() %}
    select
        '{{ group_name }}' as group_name,
        {{ group_id }} as group_id,
        count(*) as receipts_count,
        sum(lead_time_days)::bigint as total_days,
        sum(lead_time_days * lead_time_days)::bigint as total_squared_days
    from samples
    group by {{ group_id }}
    {{- '\n    union all' if not loop.last }}
    {% endfor %}
),

measured as (

    select
        *,
        total_days::double / receipts_count as mean_days,
        {{ sample_deviation('total_days', 'total_squared_days', 'receipts_count') }} as std_days
    from grouped

),

candidates as (

    select
        items.item_id,
        settings.default_lead_time_cv,
        coalesce(by_item.receipts_count, 0) as item_receipts_count,
        case
            when by_item.receipts_count >= settings.minimum_receipts_count then 'item'
            when by_supplier.receipts_count >= settings.minimum_receipts_count then 'supplier'
            when by_category.receipts_count >= settings.minimum_receipts_count then 'category'
            else 'promised'
        end as lead_time_source,
        by_item.mean_days as item_mean_days,
        by_item.std_days as item_std_days,
        by_supplier.receipts_count as supplier_receipts_count,
        by_supplier.mean_days as supplier_mean_days,
        by_supplier.std_days as supplier_std_days,
        by_category.receipts_count as category_receipts_count,
        by_category.mean_days as category_mean_days,
        by_category.std_days as category_std_days,
        {{ non_negative('coalesce(items.promised_lead_time_days, suppliers.promised_lead_time_days)') }}
            as promised_days
    from items
    cross join settings
    left join suppliers
        on items.supplier_id = suppliers.supplier_id
    left join measured as by_item
        on
            by_item.group_name = 'item'
            and items.item_id = by_item.group_id
    left join measured as by_supplier
        on
            by_supplier.group_name = 'supplier'
            and items.supplier_id = by_supplier.group_id
    left join measured as by_category
        on
            by_category.group_name = 'category'
            and items.category_name = by_category.group_id

)

select
    item_id,

    lead_time_source,

    case lead_time_source
        when 'item' then item_mean_days
        when 'supplier' then supplier_mean_days
        when 'category' then category_mean_days
        else promised_days
    end as lead_time_mean_days,
    case lead_time_source
        when 'item' then item_std_days
        when 'supplier' then supplier_std_days
        when 'category' then category_std_days
        else promised_days * default_lead_time_cv
    end as lead_time_std_days,
    case lead_time_source
        when 'supplier' then supplier_receipts_count
        when 'category' then category_receipts_count
        else item_receipts_count
    end::integer as lead_time_receipts_count
from candidates
