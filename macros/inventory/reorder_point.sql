{% macro reorder_point(avg_demand, lead_time, std_demand, service_level=0.95, std_lead_time=0, review_period=0) -%}
({{ demand_mean_over(avg_demand, lead_time, review_period) }}
+ {{ safety_stock(avg_demand, lead_time, std_demand, service_level, std_lead_time, review_period) }})
{%- endmacro %}
