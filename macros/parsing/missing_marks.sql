{% macro missing_marks() -%}
('', '-9999', '-9999.0', '-9999,0', 'null', 'NULL', 'NA', '#N/A', '/////')
{%- endmacro %}
