{#- greatest(x, 0) would make 0 of an unknown number. -#}
{% macro positive_part(x) -%}
case when ({{ x }}) is not null then greatest(({{ x }})::double, 0e0) end
{%- endmacro %}
