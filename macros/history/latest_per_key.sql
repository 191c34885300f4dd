{% macro latest_per_key(relation, key) -%}
(
    {{ key }}, _extracted_at
) in (
    select
        {{ key }},
        max(_extracted_at)
    from {{ relation }}
    group by {{ key }}
)
{%- endmacro %}
