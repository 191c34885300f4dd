{#- The factor is the two-sided 95 % value, wrong for a stockout and kept as the company used it: a named baseline. -#}
{% macro legacy_reorder_point(avg_demand, lead_time, std_demand) -%}
({{ non_negative(avg_demand) }} * {{ non_negative(lead_time) }}
+ 1.96e0 * {{ non_negative(std_demand) }} * sqrt({{ non_negative(lead_time) }}))
{%- endmacro %}
