{% macro mase(actual, forecast, naive_scale) -%}
{{ finite_number(
    'favg(abs((' ~ actual ~ ') - (' ~ forecast ~ '))::double / nullif(' ~ non_negative(naive_scale) ~ ', 0))'
) }}
{%- endmacro %}
