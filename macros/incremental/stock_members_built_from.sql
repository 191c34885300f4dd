{% macro stock_members_built_from() -%}
{{ built_from('members', '(' ~ stock_members() ~ ')') }}
{%- endmacro %}
