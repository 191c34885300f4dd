{#- A settings table or a single-row model: a cross join with it must neither drop nor multiply rows. -#}
{% test exactly_one_row(model) %}

select count(*) as row_count
from {{ model }}
having count(*) <> 1

{% endtest %}
