{% macro remember_inputs(name, input) -%}
create or replace table {{ built_from_relation(name) }} as
select * from {{ input }} as inputs
{%- endmacro %}
