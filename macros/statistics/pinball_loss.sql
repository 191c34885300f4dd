{% macro pinball_loss(actual, quantile_forecast, probability) -%}
{%- set missing = '((' ~ actual ~ ') - (' ~ quantile_forecast ~ '))::double' -%}
{{ finite_number(
    'favg(case when ' ~ missing ~ ' >= 0 then ' ~ open_fraction(probability) ~ ' * ' ~ missing
    ~ ' else (' ~ open_fraction(probability) ~ ' - 1e0) * ' ~ missing ~ ' end)'
) }}
{%- endmacro %}
