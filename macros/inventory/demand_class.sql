{#- Nine digits before the comparison: 33 periods in 25 are exactly the cut, in decimals and not in binary. -#}
{% macro demand_class(adi, cv2, demand_count, adi_cut=1.32, cv2_cut=0.49) -%}
case
    when ({{ demand_count }})::double < 0 or isnan(({{ demand_count }})::double) then null
    when ({{ demand_count }})::double < 2 then 'insufficient'
    when not {{ non_negative(adi) }} >= 1 or {{ non_negative(cv2) }} is null then null
    when round({{ non_negative(adi) }}, 9) >= {{ adi_cut }} and round({{ non_negative(cv2) }}, 9) >= {{ cv2_cut }} then 'lumpy'
    when round({{ non_negative(adi) }}, 9) >= {{ adi_cut }} then 'intermittent'
    when round({{ non_negative(cv2) }}, 9) >= {{ cv2_cut }} then 'erratic'
    when {{ non_negative(adi) }} is not null then 'smooth'
end
{%- endmacro %}
