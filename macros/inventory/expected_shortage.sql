{#- Without deviation the shortage is the plain difference, which the normal loss approaches but cannot divide by. -#}
{% macro expected_shortage(reorder_point, demand_mean, demand_std) -%}
case
    when {{ non_negative(demand_std) }} = 0
        then {{ positive_part(non_negative(demand_mean) ~ ' - ' ~ finite_number(reorder_point)) }}
    else {{ non_negative(demand_std) }} * {{ normal_loss(
        '(' ~ finite_number(reorder_point) ~ ' - ' ~ non_negative(demand_mean) ~ ') / nullif('
        ~ non_negative(demand_std) ~ ', 0)'
    ) }}
end
{%- endmacro %}
