{#- delete+insert replaces lines that still exist; a line that the ERP deleted has to go too. -#}
{% macro delete_order_lines_that_are_gone() -%}
{%- if is_incremental() -%}
delete from {{ this }} as facts
where
    not exists (
        select 1
        from {{ ref('int_supply__follow_order_lines') }} as order_lines
        where order_lines.purchase_order_line_id = facts.purchase_order_line_id
    )
{%- endif -%}
{%- endmacro %}
