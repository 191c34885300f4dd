{% macro demand_std_over(avg_demand, std_demand, lead_time, std_lead_time=0, review_period=0) -%}
sqrt(
    ({{ non_negative(lead_time) }} + {{ non_negative(review_period) }}) * power({{ non_negative(std_demand) }}, 2)
    + power({{ non_negative(avg_demand) }}, 2) * power({{ non_negative(std_lead_time) }}, 2)
)
{%- endmacro %}
