{#- The layer's own name is the schema: `staging`, not `main_staging`. There is one warehouse per checkout. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
{{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
