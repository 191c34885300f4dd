{#- Horner's scheme; coefficients from the highest power down, as text so that no digit is lost in Jinja. -#}
{% macro polynomial(x, coefficients) -%}
{%- set horner = namespace(sql=coefficients[0]) -%}
{%- for coefficient in coefficients[1:] -%}
{%- set horner.sql = '(' ~ horner.sql ~ ' * ' ~ x ~ ' + ' ~ coefficient ~ ')' -%}
{%- endfor -%}
{{ horner.sql }}
{%- endmacro %}
