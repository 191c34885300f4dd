{% macro vintages_of(readings, key, values) -%}
select
    {{ key }},
    {{ values }},
    extracted_at as known_from,
    coalesce(
        lead(extracted_at) over (
            partition by {{ key }}
            order by extracted_at
        ),
        {{ end_of_time() }}
    ) as known_to
from (
    select
        *,
        lag(row({{ values }})) over (
            partition by {{ key }}
            order by extracted_at
        ) as values_before
    from {{ readings }}
) as compared
where row({{ values }}) is distinct from values_before
{%- endmacro %}
