{#- Stock below zero is owed, and covers no day. -#}
{% macro days_of_cover(on_hand, avg_demand) -%}
({{ positive_part(finite_number(on_hand)) }} / nullif({{ non_negative(avg_demand) }}, 0))
{%- endmacro %}
