{#- Both ends are refused, and with them percentages: a level of 95 is invalid, never divided by a hundred. -#}
{% macro open_fraction(p) -%}
case when ({{ p }})::double > 0 and ({{ p }})::double < 1 then ({{ p }})::double end
{%- endmacro %}
