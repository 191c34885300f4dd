{% macro surrogate_key(id) -%}
md5({{ id }})
{%- endmacro %}
