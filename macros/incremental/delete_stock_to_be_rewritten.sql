{% macro delete_stock_to_be_rewritten() -%}
{%- if is_incremental() -%}
delete from {{ this }} as facts
using (
    {{ touched_stock_pairs() }}
) as touched_pairs
where
    facts.item_id = touched_pairs.item_id
    and facts.location_id = touched_pairs.location_id
    and facts.stock_on >= touched_pairs.start_on
{%- endif -%}
{%- endmacro %}
