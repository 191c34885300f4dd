{% macro xyz_class(cv, x_cut=0.5, y_cut=1.0) -%}
case
    when ({{ cv }}) is null then 'Z'
    when {{ non_negative(cv) }} is null then null
    when round({{ non_negative(cv) }}, 9) <= {{ x_cut }} then 'X'
    when round({{ non_negative(cv) }}, 9) <= {{ y_cut }} then 'Y'
    else 'Z'
end
{%- endmacro %}
