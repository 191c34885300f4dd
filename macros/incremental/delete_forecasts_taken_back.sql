{#- A forecast goes when nothing stands behind it any more: a challenger's answer whose question is a year old. -#}
{% macro delete_forecasts_taken_back() -%}
{%- if is_incremental() -%}
delete from {{ this }} as facts
where
    not exists (
        select 1
        from {{ ref('int_forecasts__follow_up') }} as follow_up
        where
            follow_up.item_id = facts.item_id
            and follow_up.location_id = facts.location_id
            and follow_up.origin_on = facts.origin_on
            and follow_up.target_on = facts.target_on
            and follow_up.forecast_source = facts.forecast_source
            and follow_up.forecast_model_version = facts.forecast_model_version
    )
{%- endif -%}
{%- endmacro %}
