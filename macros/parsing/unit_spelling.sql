{% macro unit_spelling(text) -%}
upper(strip_accents(regexp_replace({{ text }}, '[\s.]', '', 'g')))
{%- endmacro %}
