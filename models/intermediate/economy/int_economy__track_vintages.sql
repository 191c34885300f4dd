-- One row per series, reference day and distinct value that was ever read, half-open in knowledge time. Not additive.
-- A reading that repeats the value known before is not a new vintage; a value missing from a later file stays known.
{{ config(materialized='table') }}

with

series as (

    select *
    from {{ ref('economic_series') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

sgs as (

    select
        series_id,
        reference_on,
        value,
        known_from
    from {{ ref('stg_bacen__sgs_observations_vintages') }}

),

closings as (

    select *
    from {{ ref('stg_bacen__ptax_quotes_vintages') }}
    where bulletin_type like 'Fechamento%'

),

-- The official close of a day is the bulletin called Fechamento PTAX; while there is none, the one called Fechamento.
-- The last intermediate precedes it by milliseconds and is none. Of several the latest counts, as it was known then.
ptax as (

    select
        closings.series_id,
        closings.quoted_on as reference_on,
        arg_max(
            closings.selling_rate_brl,
            row(closings.bulletin_type = 'Fechamento PTAX', closings.quoted_at, closings.known_from)
        ) over (
            partition by closings.series_id, closings.quoted_on
            order by closings.known_from
            range between unbounded preceding and current row
        ) as value,
        closings.known_from
    from closings
    -- currencies that are not in the registry stay in staging
    inner join series
        on closings.series_id = series.series_id

),

-- what the market expects of the current year, by the answers of the last 30 days
focus as (

    select
        expectations.series_id,
        expectations.surveyed_on as reference_on,
        expectations.median_value as value,
        expectations.known_from
    from {{ ref('stg_bacen__focus_expectations_vintages') }} as expectations
    inner join series
        on expectations.series_id = series.series_id
    where
        expectations.reference_year = extract('year' from expectations.surveyed_on)
        and expectations.indicator_detail = ''
        and not expectations.is_last_five_days

),

readings as (

    select *
    from sgs
    union all
    select distinct *
    from ptax
    union all
    select *
    from focus

),

last_readings as (

    select
        series_id,
        {{ bahia_day('max(known_from)') }} as last_read_on
    from readings
    group by series_id

),

usable as (

    select
        readings.series_id,
        readings.reference_on,
        readings.value,
        readings.known_from as extracted_at
    from readings
    left join series
        on readings.series_id = series.series_id
    where
        readings.value is not null
        and readings.reference_on >= coalesce(series.usable_from_on, readings.reference_on)

),

vintages as (

    {{ vintages_of('usable', 'series_id, reference_on', 'value') }}

)

select
    vintages.series_id,
    coalesce(series.series_name, vintages.series_id) as series_name,
    series.unit_name,

    vintages.value::double as value,

    vintages.reference_on,
    vintages.known_from,
    vintages.known_to,
    vintages.known_to = {{ end_of_time() }} as is_latest,
    -- a target rate is published up to the next meeting: those days lie after the morning of planning
    vintages.reference_on > coalesce(as_of.planning_on, last_readings.last_read_on) as is_future
from vintages
cross join as_of
left join series
    on vintages.series_id = series.series_id
left join last_readings
    on vintages.series_id = last_readings.series_id
