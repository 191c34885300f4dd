{#- Beside the intermediate models, which it is a copy of; it is no model, because the fact would then need itself. -#}
{% macro built_from_relation(name) -%}
{%- set place = ref('int_inventory__net_movements_daily') -%}
{{- return(api.Relation.create(
        database=place.database, schema=place.schema, identifier=this.identifier ~ '__built_from_' ~ name
    )) -}}
{%- endmacro %}
