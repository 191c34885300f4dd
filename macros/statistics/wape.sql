{#- Both sums run over the rows that have both numbers: a demand without a forecast is no error of the forecast. -#}
{% macro wape(actual, forecast) -%}
{{ finite_number(
    'sum(abs((' ~ actual ~ ') - (' ~ forecast ~ ')))::double / nullif(sum(abs(' ~ actual ~ ')) filter (where ('
    ~ forecast ~ ') is not null)::double, 0)'
) }}
{%- endmacro %}
