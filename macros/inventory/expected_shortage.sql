{#- Without deviation the shortage is the plain difference, which the normal loss approaches but cannot divide by. -#}
{% macro expected_shortage(reorder_point, demand_mean, demand_std) -%}
{%- set deviation = non_negative(demand_std) -%}
{%- set missing = non_negative(demand_mean) ~ ' - ' ~ finite_number(reorder_point) -%}
case
    when {{ deviation }} = 0 then {{ positive_part(missing) }}
    else {{ deviation }} * {{ normal_loss('-(' ~ missing ~ ') / ' ~ deviation) }}
end
{%- endmacro %}
