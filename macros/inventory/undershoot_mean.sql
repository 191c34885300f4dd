{% macro undershoot_mean(size_mean, size_mean_square) -%}
({{ non_negative(size_mean_square) }} / nullif(2e0 * {{ non_negative(size_mean) }}, 0))
{%- endmacro %}
