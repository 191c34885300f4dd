{#- NaN sorts above infinity, so one comparison refuses both. -#}
{% macro non_negative(x) -%}
case when ({{ x }})::double >= 0 and ({{ x }})::double < 'infinity'::double then ({{ x }})::double end
{%- endmacro %}
