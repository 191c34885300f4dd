{% macro is_damaged_number(text) -%}
(
    coalesce(trim({{ text }}) not in {{ missing_marks() }}, false)
    and {{ decimal_from_text(text) }} is null
)
{%- endmacro %}
