-- Grain: one row per item category, driver and lag in weeks. Not additive. What goes along with demand, and after how
-- many weeks: an association over the trailing weeks, not a cause. Season moves several drivers at once, and of many
-- correlations some are large by chance.
{{ config(meta={'gold_order_by': ['category_name', 'driver_name', 'lag_weeks']}) }}

with

weekly as (

    select *
    from {{ ref('int_demand__align_weekly_drivers') }}

),

settings as (

    select *
    from {{ ref('int_demand__list_lags') }}

),

correlated as (

    select
        weekly.category_name,
        weekly.driver_name,
        settings.lag_weeks,
        max(settings.driver_noise_deviations) as noise_deviations,
        count(earlier.driver_value)::integer as weeks_count,
        round(corr(weekly.demand_lines, earlier.driver_value), 9) as correlation
    from weekly
    cross join settings
    left join weekly as earlier
        on
            weekly.category_name = earlier.category_name
            and weekly.driver_name = earlier.driver_name
            and weekly.week_on - settings.lag_weeks * 7 = earlier.week_on
    group by weekly.category_name, weekly.driver_name, settings.lag_weeks

)

select
    category_name,
    driver_name,
    case driver_name
        when 'rain' then 'Chuva'
        when 'heat' then 'Calor'
        when 'storms' then 'Tempestades'
        when 'holidays' then 'Feriados'
        when 'exchange_rate' then 'Câmbio'
        when 'network_5g' then 'Expansão do 5G'
    end as driver_label,
    lag_weeks,

    weeks_count,
    case when isfinite(correlation) then correlation end as correlation,
    noise_deviations / sqrt(nullif(weeks_count, 0)) as noise_limit,
    coalesce(
        isfinite(correlation) and abs(correlation) > noise_deviations / sqrt(nullif(weeks_count, 0)), false
    ) as is_beyond_noise
from correlated
