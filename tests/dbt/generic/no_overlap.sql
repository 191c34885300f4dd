{#- Half-open intervals of one id neither overlap nor are empty. With no_gap they also follow each other directly. -#}
{% test no_overlap(model, id, valid_from='valid_from', valid_to='valid_to', no_gap=false) %}

with intervals as (

    select
        {{ id }},
        {{ valid_from }},
        {{ valid_to }},
        lead({{ valid_from }}) over (
            partition by {{ id }}
            order by {{ valid_from }}
        ) as next_valid_from
    from {{ model }}

)

select *
from intervals
where
    {{ valid_from }} >= {{ valid_to }}
    or next_valid_from < {{ valid_to }}
{% if no_gap %}
        or next_valid_from > {{ valid_to }}
    {% endif %}

{% endtest %}
