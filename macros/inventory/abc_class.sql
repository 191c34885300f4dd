{#- The share before the item: the first is A however large. Nine digits, so that a sum of shares can meet a cut. -#}
{% macro abc_class(cumulative_share_before, annual_value, a_cut=0.80, b_cut=0.95) -%}
case
    when {{ non_negative(annual_value) }} = 0 then 'C'
    when {{ non_negative(annual_value) }} is null or {{ non_negative(cumulative_share_before) }} is null then null
    when round({{ non_negative(cumulative_share_before) }}, 9) > 1 then null
    when round({{ non_negative(cumulative_share_before) }}, 9) < {{ a_cut }} then 'A'
    when round({{ non_negative(cumulative_share_before) }}, 9) < {{ b_cut }} then 'B'
    else 'C'
end
{%- endmacro %}
