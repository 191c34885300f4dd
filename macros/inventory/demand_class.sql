{#- Nine digits before the comparison: 33 periods in 25 are exactly the cut, in decimals and not in binary. -#}
{% macro demand_class(adi, cv2, demand_count, adi_cut=1.32, cv2_cut=0.49) -%}
{%- set interval = 'round(' ~ non_negative(adi) ~ ', 9)' -%}
{%- set variation = 'round(' ~ non_negative(cv2) ~ ', 9)' -%}
case
    when {{ non_negative(demand_count) }} is null then null
    when {{ non_negative(demand_count) }} < 2 then 'insufficient'
    when {{ interval }} is null or {{ interval }} < 1 or {{ variation }} is null then null
    when {{ interval }} >= {{ adi_cut }} and {{ variation }} >= {{ cv2_cut }} then 'lumpy'
    when {{ interval }} >= {{ adi_cut }} then 'intermittent'
    when {{ variation }} >= {{ cv2_cut }} then 'erratic'
    else 'smooth'
end
{%- endmacro %}
