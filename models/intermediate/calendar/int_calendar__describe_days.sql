-- One row per calendar day with the holidays of Salvador. Carnaval is optional by law: it has its own flag and stays a
-- business day. A bridge day is a business day that stands alone between days that are none (a Friday after a holiday,
-- a Monday before one): most offices close on it.
with

holidays as (

    select *
    from {{ ref('stg_calendar__holidays') }}

),

days as (

    select unnest(
        generate_series(
            date '{{ var("calendar_from") }}', date '{{ var("calendar_to") }}', interval 1 day
        )
    )::date as date_on

),

holidays_by_day as (

    select
        holiday_on,
        string_agg(distinct holiday_name, ' / ' order by holiday_name) as holiday_name,
        bool_or(holiday_kind = 'holiday') as is_holiday,
        bool_or(holiday_kind = 'carnival') as is_carnaval
    from holidays
    group by holiday_on

),

described as (

    select
        days.date_on,

        year(days.date_on)::integer as year_number,
        quarter(days.date_on)::integer as quarter_number,
        month(days.date_on)::integer as month_number,
        date_trunc('month', days.date_on)::date as month_start_on,
        day(days.date_on)::integer as day_of_month,
        weekofyear(days.date_on)::integer as iso_week_number,
        isodow(days.date_on)::integer as iso_weekday_number,
        [
            'segunda-feira', 'terça-feira', 'quarta-feira', 'quinta-feira', 'sexta-feira', 'sábado', 'domingo'
        ][isodow(days.date_on)] as weekday_name_pt,
        [
            'janeiro', 'fevereiro', 'março', 'abril', 'maio', 'junho',
            'julho', 'agosto', 'setembro', 'outubro', 'novembro', 'dezembro'
        ][month(days.date_on)] as month_name_pt,
        holidays_by_day.holiday_name,

        isodow(days.date_on) >= 6 as is_weekend,
        coalesce(holidays_by_day.is_holiday, false) as is_holiday,
        coalesce(holidays_by_day.is_carnaval, false) as is_carnaval
    from days
    left join holidays_by_day
        on days.date_on = holidays_by_day.holiday_on

),

with_business_days as (

    select
        *,
        not is_weekend and not is_holiday as is_business_day
    from described

)

select
    *,
    is_business_day
    and not is_carnaval
    and not lag(is_business_day, 1, true) over by_date
    and not lead(is_business_day, 1, true) over by_date as is_bridge_day,
    case
        when is_business_day
            then
                count(*) filter (where is_business_day) over (
                    partition by month_start_on
                    order by date_on
                )
    end::integer as business_day_of_month,
    (count(*) filter (where is_business_day) over (partition by month_start_on))::integer as business_days_in_month
from with_business_days
window by_date as (order by date_on)
