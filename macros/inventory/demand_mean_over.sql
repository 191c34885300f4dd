{% macro demand_mean_over(avg_demand, lead_time, review_period=0) -%}
({{ non_negative(avg_demand) }} * ({{ non_negative(lead_time) }} + {{ non_negative(review_period) }}))
{%- endmacro %}
