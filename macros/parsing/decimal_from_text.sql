{% macro decimal_from_text(text, type='decimal(18, 6)') -%}
try_cast(
    case
        when trim({{ text }}) in {{ missing_marks() }} then null
        else regexp_replace(replace(trim({{ text }}), ',', '.'), '^(-?)\.', '\10.')
    end as {{ type }}
)
{%- endmacro %}
