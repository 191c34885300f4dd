{#- A step that enriches rows neither drops nor multiplies them. -#}
{% test same_row_count(model, compare_to) %}

select
    model_rows.row_count as model_row_count,
    other_rows.row_count as other_row_count
from (select count(*) as row_count from {{ model }}) as model_rows
cross join (select count(*) as row_count from {{ compare_to }}) as other_rows
where model_rows.row_count <> other_rows.row_count

{% endtest %}
