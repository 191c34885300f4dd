-- One row per closed month of the window in which attained service is looked at. Not additive.
with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

settings as (

    select *
    from {{ ref('report_settings') }}

),

months as (

    -- a month is closed once its last day is: nothing where there is no ERP yet
    select
        unnest(generate_series(
            date_trunc('month', as_of.as_of_on + 1) - to_months(settings.service_history_months),
            date_trunc('month', as_of.as_of_on + 1) - to_months(1),
            interval 1 month
        ))::date as month_on
    from as_of
    cross join settings

)

select
    month_on,
    last_day(month_on) as month_end_on,
    day(last_day(month_on))::integer as days_count
from months
