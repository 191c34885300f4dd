{#- Moments that no distribution has can make the difference negative: they are invalid input. -#}
{% macro undershoot_variance(size_mean, size_mean_square, size_mean_cube) -%}
{{ non_negative(
    non_negative(size_mean_cube) ~ ' / (3e0 * ' ~ non_negative(size_mean) ~ ') - power('
    ~ undershoot_mean(size_mean, size_mean_square) ~ ', 2)'
) }}
{%- endmacro %}
