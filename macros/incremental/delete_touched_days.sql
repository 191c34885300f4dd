{#- delete+insert only deletes days that still have rows; a day whose last line was cancelled must go as well. -#}
{% macro delete_touched_days() -%}
{%- if is_incremental() -%}
delete from {{ this }}
where demand_on in ({{ touched_demand_days(this) }})
{%- endif -%}
{%- endmacro %}
