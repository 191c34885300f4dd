{#- The columns together identify a row, and none of them is NULL. With `day`, one of the columns, its values within the
    others are counted as bits of the calendar, which takes a long fact a quarter of the time. -#}
{% test unique_combination(model, columns, day=None) %}
{%- set within = columns | reject('equalto', day) | list -%}
{%- if day %}
{%- set first_day = "date '" ~ var('calendar_from') ~ "'" %}
{%- set last_day = "date '" ~ var('calendar_to') ~ "'" %}

select
    {{ within | join(', ') }},
    count(*) as row_count,
    bit_count(bitstring_agg({{ day }} - {{ first_day }}, 0, {{ last_day }} - {{ first_day }})) as day_count
from {{ model }}
group by {{ within | join(', ') }}
having
    count(*) is distinct from
    bit_count(bitstring_agg({{ day }} - {{ first_day }}, 0, {{ last_day }} - {{ first_day }}))
    {% for column in within %}
        or {{ column }} is null
    {%- endfor %}
{%- else %}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {% for column in columns %}
        or {{ column }} is null
    {%- endfor %}
{%- endif %}

{% endtest %}
