{#- Constant demand needs no safety stock: without deviation the factor is 0, not minus infinity. -#}
{% macro fill_rate_safety_factor(fill_rate, order_quantity, demand_std) -%}
{%- set unfilled = '(1e0 - ' ~ open_fraction(fill_rate) ~ ') * ' ~ non_negative(order_quantity) -%}
case
    when {{ non_negative(demand_std) }} = 0 then case when {{ unfilled }} > 0 then 0e0 end
    else {{ normal_loss_inverse(unfilled ~ ' / ' ~ non_negative(demand_std)) }}
end
{%- endmacro %}
