{% macro tracking_signal(actual, forecast) -%}
{%- set error = '((' ~ actual ~ ') - (' ~ forecast ~ '))' -%}
{{ finite_number('sum(' ~ error ~ ')::double / nullif(avg(abs(' ~ error ~ '))::double, 0)') }}
{%- endmacro %}
