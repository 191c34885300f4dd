{#- The expression holds on every row where it is not NULL. On a column or on a model. -#}
{% test expression_is_true(model, expression, column_name=None) %}

select *
from {{ model }}
where not ({{ expression }})

{% endtest %}
