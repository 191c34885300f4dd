{#- A table of an earlier form, which did not say what it was built from, is written anew as a whole. -#}
{% macro as_of_days_to_build(model) -%}
{%- set columns = adapter.get_columns_in_relation(model) | map(attribute='name') | list if execute else [] -%}
select days.as_of_on
from {{ ref('int_planning__list_as_of_days') }} as days
{% if 'policy_version' in columns -%}
left join (
    select
        rows_built.as_of_on,
        max(rows_built.policy_version) as policy_version,
        max(rows_built.source_extracted_at) as source_extracted_at
    from {{ model }} as rows_built
    group by rows_built.as_of_on
) as built
    on days.as_of_on = built.as_of_on
where
    days.policy_version is distinct from built.policy_version
    or days.source_extracted_at is distinct from built.source_extracted_at
{%- endif %}
{%- endmacro %}
