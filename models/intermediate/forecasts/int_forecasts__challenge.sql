-- One row per question that the challenger can answer. Not additive.
-- The warehouse's own forecast: demand over the horizon as negative binomial with the moments that the policy measures
-- over the trailing window, known at the start of the origin's month.
-- Incremental by question: what was known on a day does not change, so an answer stays.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['item_id', 'location_id', 'origin_on', 'target_on'],
        on_schema_change='fail',
        pre_hook='{{ delete_unasked_questions() }}'
    )
}}

with

questions as (

    select *
    from {{ ref('int_forecasts__list_questions') }}

),

moments as (

    select *
    from {{ ref('int_demand__measure_moments') }}

),

open_questions as (

    select *
    from questions
    {% if is_incremental() %}
    where
        not exists (
            select 1
            from {{ this }} as answers
            where
                answers.item_id = questions.item_id
                and answers.location_id = questions.location_id
                and answers.origin_on = questions.origin_on
                and answers.target_on = questions.target_on
        )
    {% endif %}

),

distributions as (

    select
        open_questions.item_id,
        open_questions.location_id,
        open_questions.origin_on,
        open_questions.target_on,
        open_questions.horizon_days,
        moments.demand_mean_units_per_day * open_questions.horizon_days as mean_units,
        power(moments.demand_std_units_per_day, 2) * open_questions.horizon_days as variance
    from open_questions
    inner join moments
        on
            open_questions.item_id = moments.item_id
            and open_questions.location_id = moments.location_id
            and open_questions.month_start_on = moments.as_of_on
    where moments.demand_std_units_per_day is not null

)

select
    item_id,
    location_id,

    horizon_days::integer as horizon_days,
    mean_units::decimal(18, 3) as forecast_units,
    {{ lead_time_demand_quantile(0.5, 'mean_units', 'variance') }}::decimal(18, 3) as q50_units,
    {{ lead_time_demand_quantile(0.8, 'mean_units', 'variance') }}::decimal(18, 3) as q80_units,
    {{ lead_time_demand_quantile(0.9, 'mean_units', 'variance') }}::decimal(18, 3) as q90_units,
    {{ lead_time_demand_quantile(0.95, 'mean_units', 'variance') }}::decimal(18, 3) as q95_units,
    {{ lead_time_demand_quantile(0.98, 'mean_units', 'variance') }}::decimal(18, 3) as q98_units,
    {{ lead_time_demand_quantile(0.99, 'mean_units', 'variance') }}::decimal(18, 3) as q99_units,

    origin_on,
    target_on
from distributions
