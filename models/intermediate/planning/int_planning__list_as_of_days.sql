-- One row per day as of which policy parameters are kept: the first of every month since the first demand, and today.
-- An as-of day knows everything that was recorded until its close, and plans from the morning after.
{{ config(materialized='table') }}

with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

company_start as (

    select min(known_from_on) as known_from_on
    from {{ ref('int_demand__date_known_lines') }}

),

months as (

    select
        as_of.as_of_on as today_on,
        unnest(generate_series(
            date_trunc('month', company_start.known_from_on) + interval 1 month, as_of.as_of_on, interval 1 month
        ))::date as as_of_on
    from as_of
    cross join company_start

)

select
    as_of_on,
    as_of_on + 1 as planning_on,
    as_of_on = today_on as is_today
from months
union
select
    as_of_on,
    planning_on,
    true as is_today
from as_of
where as_of_on is not null
