{#- Yesterday's as-of day makes way for today's unless it opens a month. -#}
{% macro delete_other_as_of_days() -%}
{%- if is_incremental() -%}
delete from {{ this }} as parameters
where parameters.as_of_on not in (select days.as_of_on from {{ ref('int_planning__list_as_of_days') }} as days)
{%- endif -%}
{%- endmacro %}
