{#- Facts point late or missing members at `unknown`, so a dimension without it would lose their rows in a join. -#}
{% test has_unknown_member(model, column_name) %}

select count(*) as unknown_members
from {{ model }}
where {{ column_name }} = 'unknown'
having count(*) <> 1

{% endtest %}
