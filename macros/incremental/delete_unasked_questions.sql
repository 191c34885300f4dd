{#-
    An answer goes when its question does: a month start that is a year old, a forecast that was taken back. It also goes
    when the demand that it was computed from is known no longer.
-#}
{% macro delete_unasked_questions() -%}
{%- if is_incremental() -%}
delete from {{ this }} as answers
where
    not exists (
        select 1
        from {{ ref('int_forecasts__list_questions') }} as questions
        where
            questions.item_id = answers.item_id
            and questions.location_id = answers.location_id
            and questions.origin_on = answers.origin_on
            and questions.target_on = answers.target_on
    )
    or not exists (
        select 1
        from {{ ref('int_demand__measure_moments') }} as moments
        where
            moments.item_id = answers.item_id
            and moments.location_id = answers.location_id
            and moments.as_of_on = date_trunc('month', answers.origin_on)
            and moments.demand_std_units_per_day is not null
    )
{%- endif -%}
{%- endmacro %}
