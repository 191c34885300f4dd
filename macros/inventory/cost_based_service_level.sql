{#- bounded, because least and greatest would turn an unknown cost into the lowest level -#}
{% macro cost_based_service_level(
    holding_rate, unit_cost, order_quantity, units_per_line, annual_demand, stockout_cost, criticality_weight,
    lowest=0.5, highest=0.999
) -%}
({{ bounded(
    '(1e0 - ' ~ non_negative(holding_rate) ~ ' * ' ~ non_negative(unit_cost) ~ ' * ' ~ non_negative(order_quantity)
    ~ ' * ' ~ non_negative(units_per_line) ~ ' / nullif(' ~ non_negative(annual_demand) ~ ' * '
    ~ non_negative(stockout_cost) ~ ' * ' ~ non_negative(criticality_weight) ~ ', 0))',
    '(' ~ lowest ~ ')::double',
    '(' ~ highest ~ ')::double'
) }})
{%- endmacro %}
