{% macro built_until(fact) -%}
(select coalesce(max(source_extracted_at), {{ beginning_of_time() }}) from {{ fact }})
{%- endmacro %}
