{#- An answer goes when its question does: a month start that is a year old, a forecast that was taken back. -#}
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
{%- endif -%}
{%- endmacro %}
