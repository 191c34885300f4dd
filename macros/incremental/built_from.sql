{#- Nothing was built from anything while there is no such table: then everything differs and is written anew. -#}
{% macro built_from(name, input) -%}
{%- set relation = built_from_relation(name) -%}
{%- if execute and adapter.get_relation(relation.database, relation.schema, relation.identifier) is none -%}
(select * from {{ input }} as no_inputs limit 0)
{%- else -%}
{{ relation }}
{%- endif -%}
{%- endmacro %}
