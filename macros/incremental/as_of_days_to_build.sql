{% macro as_of_days_to_build(model) -%}
select days.as_of_on
from {{ ref('int_planning__list_as_of_days') }} as days
where
    days.is_today
    or days.as_of_on not in (select built.as_of_on from {{ model }} as built)
{%- endmacro %}
