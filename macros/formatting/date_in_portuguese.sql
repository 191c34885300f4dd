{% macro date_in_portuguese(day) -%}
strftime({{ day }}, '%d/%m/%Y')
{%- endmacro %}
