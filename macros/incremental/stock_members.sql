{#- The day on which each version begins is all there is to know of a history without gaps. -#}
{% macro stock_members() -%}
select
    'item' as member_kind,
    item_id as member_id,
    version_key as member_key,
    unit_cost_brl,
    valid_from_on as start_on
from {{ ref('int_items__history') }}
where valid_from_on < valid_to_on
union all
select
    'location' as member_kind,
    location_id as member_id,
    location_key as member_key,
    null as unit_cost_brl,
    {{ beginning_of_time() }}::date as start_on
from {{ ref('dim_locations') }}
{%- endmacro %}
