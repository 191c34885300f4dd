-- Grain: one row per calendar day, 1990 to 2040. Not additive: it describes.
-- The calendar of Salvador: national, state and municipal holidays, Carnaval apart, business days.
{{ config(meta={'gold_order_by': ['date_on']}) }}

with

days as (

    select *
    from {{ ref('int_calendar__describe_days') }}

)

select
    date_on,

    year_number,
    quarter_number,
    month_number,
    month_start_on,
    day_of_month,
    iso_week_number,
    iso_weekday_number,
    weekday_name_pt,
    month_name_pt,

    is_weekend,
    is_holiday,
    holiday_name,
    is_carnaval,
    is_bridge_day,
    is_business_day,
    business_day_of_month,
    business_days_in_month
from days
