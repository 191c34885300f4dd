{#- The variances of n locations and the covariances of their n (n - 1) ordered pairs. -#}
{% macro pooling_safety_stock(service_level, std_demand, lead_time, location_count, correlation=0) -%}
{%- set locations = non_negative(location_count) -%}
{%- set variance = locations ~ ' * (1e0 + (' ~ locations ~ ' - 1e0) * ' ~ finite_number(correlation) ~ ')' -%}
case
    when {{ locations }} >= 1 and abs({{ finite_number(correlation) }}) <= 1 and {{ variance }} >= 0 then
        ({{ normal_quantile(service_level) }}) * {{ non_negative(std_demand) }}
        * sqrt({{ non_negative(lead_time) }}) * sqrt({{ variance }})
end
{%- endmacro %}
