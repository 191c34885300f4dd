{% macro start_of_bahia_day(day) -%}
({{ day }}::timestamp at time zone 'America/Bahia')
{%- endmacro %}
