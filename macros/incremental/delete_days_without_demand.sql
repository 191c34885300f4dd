{#- delete+insert replaces days that still have rows; a day whose last line was cancelled or moved has to go too. -#}
{% macro delete_days_without_demand() -%}
{%- if is_incremental() -%}
delete from {{ this }} as facts
where
    not exists (
        select 1
        from {{ ref('int_demand__aggregate_daily') }} as daily
        where daily.demand_on = facts.demand_on
    )
{%- endif -%}
{%- endmacro %}
