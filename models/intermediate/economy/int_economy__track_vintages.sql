-- One row per series, reference day and distinct value that was ever read, half-open in knowledge time. Not additive.
-- A reading that repeats the value known before is not a new vintage; a value missing from a later file stays known.
{{ config(materialized='table') }}

with

sgs as (

    select
        series_id,
        reference_on,
        value,
        extracted_at
    from {{ ref('stg_bacen__sgs_observations') }}

),

-- the closing rate is the last bulletin of the day named so; the last intermediate precedes it by milliseconds
ptax as (

    select
        series_id,
        quoted_on as reference_on,
        arg_max(selling_rate, quoted_at) as value,
        extracted_at
    from {{ ref('stg_bacen__ptax_quotes') }}
    where bulletin_type like 'Fechamento%'
    group by series_id, quoted_on, extracted_at

),

series as (

    select *
    from {{ ref('economic_series') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

readings as (

    select *
    from sgs
    union all
    select *
    from ptax

),

last_readings as (

    select
        series_id,
        {{ bahia_day('max(extracted_at)') }} as last_read_on
    from readings
    group by series_id

),

usable as (

    select
        readings.*,
        lag(readings.value) over (
            partition by readings.series_id, readings.reference_on
            order by readings.extracted_at
        ) as value_before
    from readings
    left join series
        on readings.series_id = series.series_id
    where
        readings.value is not null
        and readings.reference_on is not null
        and readings.reference_on >= coalesce(series.usable_from_on, readings.reference_on)

),

changes as (

    select *
    from usable
    where value is distinct from value_before

),

vintages as (

    select
        series_id,
        reference_on,
        value,
        extracted_at as known_from,
        coalesce(
            lead(extracted_at) over (
                partition by series_id, reference_on
                order by extracted_at
            ),
            {{ end_of_time() }}
        ) as known_to
    from changes

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
