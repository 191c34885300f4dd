-- One row per day as of which policy parameters are kept: the first of every month since the first demand, and today.
-- An as-of day knows everything that was recorded until its close, and plans from the morning after. Parameters of the
-- day depend on nothing but the rows read up to source_extracted_at and the settings of policy_version.
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

changes as (

    select *
    from {{ ref('int_planning__date_changes') }}

),

fingerprint as (

    select *
    from {{ ref('int_planning__fingerprint_settings') }}

),

months as (

    select
        unnest(generate_series(
            date_trunc('month', company_start.known_from_on) + interval 1 month, as_of.as_of_on, interval 1 month
        ))::date as as_of_on
    from as_of
    cross join company_start

),

days as (

    select as_of_on
    from months
    union
    select as_of_on
    from as_of
    where as_of_on is not null

)

select
    days.as_of_on,
    days.as_of_on + 1 as planning_on,
    fingerprint.policy_version,
    max(changes.extracted_at) as source_extracted_at
from days
cross join fingerprint
left join changes
    on days.as_of_on >= changes.known_on
group by days.as_of_on, fingerprint.policy_version
