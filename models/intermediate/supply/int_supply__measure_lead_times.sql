-- One row per as-of day and item of goods in use. Not additive.
-- Mean, deviation and 85 % quantile of the lead time as they were known at the close of the as-of day, from the
-- narrowest group with enough receipts: the item, its supplier, its category; failing all, what was promised, with an
-- assumed coefficient of variation.
-- Incremental by as-of day: what was known on a day does not change, so only new days are measured.
-- depends_on: {{ ref('int_planning__list_as_of_days') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='as_of_on',
        on_schema_change='sync_all_columns',
        pre_hook='{{ delete_other_as_of_days() }}'
    )
}}

with

settings as (

    select *
    from {{ ref('policy_settings') }}

),

items as (

    select *
    from {{ ref('int_planning__list_items_as_of') }}
    {% if is_incremental() %}
    where as_of_on in ({{ as_of_days_to_build(this) }})
    {% endif %}

),

as_of_days as (

    select distinct
        items.as_of_on,
        items.as_of_on - settings.lead_time_history_days as window_before_on
    from items
    cross join settings

),

samples as (

    select
        as_of_days.as_of_on,
        lead_times.item_id,
        lead_times.supplier_id,
        items.category_name,
        lead_times.lead_time_days
    from {{ ref('int_supply__date_lead_times') }} as lead_times
    inner join as_of_days
        on
            lead_times.known_from_on <= as_of_days.as_of_on
            and lead_times.requested_on > as_of_days.window_before_on
    left join items
        on
            lead_times.item_id = items.item_id
            and as_of_days.as_of_on = items.as_of_on

),

{% set groups = {'item': 'item_id', 'supplier': 'supplier_id', 'category': 'category_name'} -%}
grouped as (

    {% for group_name, group_id in groups.items() %}
    select
        as_of_on,
        '{{ group_name }}' as group_name,
        {{ group_id }} as group_id,
        count(*) as receipts_count,
        sum(lead_time_days)::bigint as total_days,
        sum(lead_time_days * lead_time_days)::bigint as total_squared_days,
        quantile_disc(lead_time_days, 0.85) as p85_days
    from samples
    group by as_of_on, {{ group_id }}
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
        items.as_of_on,
        items.item_id,
        items.policy_version,
        items.source_extracted_at,
        settings.default_lead_time_cv,
        case
            {%- for group_name in groups %}
            when by_{{ group_name }}.receipts_count >= settings.minimum_receipts_count then '{{ group_name }}'
            {%- endfor %}
            else 'promised'
        end as lead_time_source,
        {%- for group_name in groups %}
        coalesce(by_{{ group_name }}.receipts_count, 0) as {{ group_name }}_receipts_count,
        by_{{ group_name }}.mean_days as {{ group_name }}_mean_days,
        by_{{ group_name }}.std_days as {{ group_name }}_std_days,
        by_{{ group_name }}.p85_days as {{ group_name }}_p85_days,
        {%- endfor %}
        {{ non_negative('items.promised_lead_time_days') }} as promised_days
    from items
    cross join settings
    {%- for group_name, group_id in groups.items() %}
    left join measured as by_{{ group_name }}
        on
            by_{{ group_name }}.group_name = '{{ group_name }}'
            and items.as_of_on = by_{{ group_name }}.as_of_on
            and items.{{ group_id }} = by_{{ group_name }}.group_id
    {%- endfor %}

)

select
    as_of_on,
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
        when 'item' then item_p85_days
        when 'supplier' then supplier_p85_days
        when 'category' then category_p85_days
    end::integer as lead_time_p85_days,
    case lead_time_source
        when 'supplier' then supplier_receipts_count
        when 'category' then category_receipts_count
        else item_receipts_count
    end::integer as lead_time_receipts_count,
    promised_days as promised_lead_time_days,

    policy_version,
    source_extracted_at
from candidates
