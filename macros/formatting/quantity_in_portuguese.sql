{% macro quantity_in_portuguese(quantity) -%}
case
    when ({{ quantity }}) = round({{ quantity }}, 0) then {{ number_in_portuguese(quantity, 0) }}
    else {{ number_in_portuguese(quantity, 1) }}
end
{%- endmacro %}
