{% macro rows_that_differ(one, other) -%}
select * from (select * from {{ one }} as one_side except all select * from {{ other }} as other_side) as came
        union all
        select * from (select * from {{ other }} as other_side except all select * from {{ one }} as one_side) as went
{%- endmacro %}
