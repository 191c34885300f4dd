{#- Beside its complement, which keeps its digits where this one is nearly 1: see stockout_probability. -#}
{% macro lead_time_demand_cdf(demand, demand_mean, demand_variance) -%}
({{ lead_time_demand_tails(demand, demand_mean, demand_variance) }}).at_most
{%- endmacro %}
