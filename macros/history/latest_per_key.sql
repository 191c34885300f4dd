{% macro latest_per_key(relation, key, extracted_at='_extracted_at') -%}
({{ key }}, {{ extracted_at }}) in (
    select
        {{ key }},
        max({{ extracted_at }})
    from {{ relation }}
    group by {{ key }}
)
{%- endmacro %}
