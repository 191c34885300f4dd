{#- delete+insert only deletes days that still have rows; a pair whose first movement moved to a later day has
    fewer. -#}
{% macro delete_touched_pairs() -%}
{%- if is_incremental() -%}
delete from {{ this }} as facts
using ({{ touched_stock_pairs(this) }}) as touched
where
    facts.item_id = touched.item_id
    and facts.location_id = touched.location_id
    and facts.stock_on >= touched.start_on
{%- endif -%}
{%- endmacro %}
