{% macro number_in_portuguese(number, decimals=0) -%}
translate(format('{:,.{{ decimals }}f}', ({{ number }})::double), ',.', '.,')
{%- endmacro %}
