{% macro stockout_probability(available, demand_mean, demand_variance) -%}
({{ lead_time_demand_tails(available, demand_mean, demand_variance) }}).above
{%- endmacro %}
