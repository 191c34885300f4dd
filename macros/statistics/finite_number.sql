{#- NaN sorts above infinity, so the two comparisons refuse all three. -#}
{% macro finite_number(x) -%}
case when ({{ x }})::double > '-infinity'::double and ({{ x }})::double < 'infinity'::double then ({{ x }})::double end
{%- endmacro %}
