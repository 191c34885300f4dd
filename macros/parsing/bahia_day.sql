{% macro bahia_day(instant) -%}
({{ instant }} at time zone 'America/Bahia')::date
{%- endmacro %}
