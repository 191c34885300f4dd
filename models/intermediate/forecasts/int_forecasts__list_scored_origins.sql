-- One row per origin on which models are judged: those of the trailing days that the settings name, up to today.
with

questions as (

    select *
    from {{ ref('int_forecasts__list_questions') }}

),

settings as (

    select *
    from {{ ref('forecast_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

)

select distinct questions.origin_on
from questions
cross join settings
cross join as_of
where
    questions.origin_on > as_of.as_of_on - settings.scored_origin_days
    and questions.origin_on <= as_of.as_of_on
