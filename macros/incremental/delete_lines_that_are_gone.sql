{#- delete+insert replaces lines that still exist; a line that the ERP deleted has to go too. -#}
{% macro delete_lines_that_are_gone() -%}
{%- if is_incremental() -%}
delete from {{ this }} as classified
where
    not exists (
        select 1
        from {{ ref('stg_erp__requisitions') }} as requisitions
        where requisitions.requisition_line_id = classified.requisition_line_id
    )
{%- endif -%}
{%- endmacro %}
