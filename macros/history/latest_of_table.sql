{% macro latest_of_table(relation) -%}
_extracted_at = (select max(_extracted_at) from {{ relation }})
{%- endmacro %}
