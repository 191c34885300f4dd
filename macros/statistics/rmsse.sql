{% macro rmsse(actual, forecast, naive_mean_square) -%}
{{ finite_number(
    'sqrt(favg(power(((' ~ actual ~ ') - (' ~ forecast ~ '))::double, 2) / nullif('
    ~ non_negative(naive_mean_square) ~ ', 0)))'
) }}
{%- endmacro %}
