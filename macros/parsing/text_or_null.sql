{% macro text_or_null(text) -%}
case when upper(trim({{ text }})) not in ('', 'NA', 'N/A', '#N/A', '#N/D', 'NULL', '-', '--') then trim({{ text }}) end
{%- endmacro %}
