{% macro beginning_of_time() -%}
timestamptz '1900-01-01 00:00:00+00'
{%- endmacro %}
