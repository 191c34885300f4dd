{#- Every id has exactly one current version. -#}
{% test one_current(model, id) %}

select
    {{ id }},
    count(*) filter (where is_current) as current_versions
from {{ model }}
group by {{ id }}
having count(*) filter (where is_current) <> 1

{% endtest %}
