{#- delete+insert replaces days that still have rows; a pair whose first movement was corrected to a later day, or away,
    has fewer. -#}
{% macro delete_days_without_stock() -%}
{%- if is_incremental() -%}
delete from {{ this }} as facts
where
    not exists (
        select 1
        from (
            select
                item_id,
                location_id,
                min(moved_on) as first_moved_on
            from {{ ref('int_inventory__net_movements_daily') }}
            group by item_id, location_id
        ) as firsts
        where
            firsts.item_id = facts.item_id
            and firsts.location_id = facts.location_id
            and firsts.first_moved_on <= facts.stock_on
    )
{%- endif -%}
{%- endmacro %}
