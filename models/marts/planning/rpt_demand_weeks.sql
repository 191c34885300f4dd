-- Grain: one row per item category and whole ISO week of the trailing window. Lines are additive over categories and
-- weeks; the drivers are the same for every category of a week and additive over nothing.
-- What the field asked for beside rain, heat, storms, holidays, the dollar and the 5G roll-out: the weeks behind the
-- correlations of `rpt_demand_drivers`.
{{ config(meta={'gold_order_by': ['category_name', 'week_on']}) }}

with

weekly as (

    select *
    from {{ ref('int_demand__align_weekly_drivers') }}

)

select
    category_name,
    week_on,

    max(demand_lines)::integer as demand_lines_count,
    max(driver_value) filter (where driver_name = 'rain') as rain_mm,
    max(driver_value) filter (where driver_name = 'heat') as temperature_max_mean_celsius,
    max(driver_value) filter (where driver_name = 'storms') as storm_days_count,
    max(driver_value) filter (where driver_name = 'holidays') as holidays_count,
    max(driver_value) filter (where driver_name = 'exchange_rate') as exchange_rate_brl,
    max(driver_value) filter (where driver_name = 'network_5g') as new_stations_5g_count
from weekly
group by category_name, week_on
