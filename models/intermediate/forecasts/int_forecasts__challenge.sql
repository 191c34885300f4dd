-- One row per question that the challenger can answer. Not additive.
-- The warehouse's own forecast: demand over the horizon as negative binomial with the moments that the policy measures
-- over the trailing window, known at the start of the origin's month.
-- Incremental by question: an answer stays until late rows change the moments that it was computed from.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['item_id', 'location_id', 'origin_on', 'target_on'],
        on_schema_change='sync_all_columns',
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

answerable as (

    select
        questions.item_id,
        questions.location_id,
        questions.origin_on,
        questions.target_on,
        questions.horizon_days,
        moments.demand_mean_units_per_day,
        moments.demand_std_units_per_day
    from questions
    inner join moments
        on
            questions.item_id = moments.item_id
            and questions.location_id = moments.location_id
            and questions.month_start_on = moments.as_of_on
    where moments.demand_std_units_per_day is not null

),

open_questions as (

    select *
    from answerable
    {% if is_incremental() %}
    where
        not exists (
            select 1
            from {{ this }} as answers
            where
                answers.item_id = answerable.item_id
                and answers.location_id = answerable.location_id
                and answers.origin_on = answerable.origin_on
                and answers.target_on = answerable.target_on
                and answers.demand_mean_units_per_day = answerable.demand_mean_units_per_day
                and answers.demand_std_units_per_day = answerable.demand_std_units_per_day
        )
    {% endif %}

),

distributions as (

    select
        *,
        demand_mean_units_per_day * horizon_days as mean_units,
        power(demand_std_units_per_day, 2) * horizon_days as variance
    from open_questions

)

select
    item_id,
    location_id,

    horizon_days::integer as horizon_days,
    demand_mean_units_per_day,
    demand_std_units_per_day,
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
