{% macro safety_stock(avg_demand, lead_time, std_demand, service_level=0.95, std_lead_time=0, review_period=0) -%}
(({{ normal_quantile(service_level) }})
* {{ demand_std_over(avg_demand, std_demand, lead_time, std_lead_time, review_period) }})
{%- endmacro %}
