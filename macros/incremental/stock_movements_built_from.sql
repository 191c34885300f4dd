{% macro stock_movements_built_from() -%}
{{ built_from('movements', ref('int_inventory__net_movements_daily')) }}
{%- endmacro %}
