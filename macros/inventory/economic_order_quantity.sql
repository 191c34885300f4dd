{% macro economic_order_quantity(annual_demand, order_cost, holding_cost_per_unit) -%}
sqrt(
    2e0 * {{ non_negative(annual_demand) }} * {{ non_negative(order_cost) }}
    / nullif({{ non_negative(holding_cost_per_unit) }}, 0)
)
{%- endmacro %}
