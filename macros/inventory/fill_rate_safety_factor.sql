{#- Constant demand needs no safety stock: without deviation the factor is 0, not minus infinity. -#}
{% macro fill_rate_safety_factor(fill_rate, order_quantity, demand_std) -%}
case
    when {{ non_negative(demand_std) }} = 0 and {{ non_negative(order_quantity) }} > 0
        then 0e0 * {{ open_fraction(fill_rate) }}
    else {{ normal_loss_inverse(
        '(1e0 - ' ~ open_fraction(fill_rate) ~ ') * ' ~ non_negative(order_quantity)
        ~ ' / nullif(' ~ non_negative(demand_std) ~ ', 0)'
    ) }}
end
{%- endmacro %}
