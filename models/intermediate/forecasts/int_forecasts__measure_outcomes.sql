-- One row per question, with what came of it. Not additive: horizons overlap.
-- The demand that really came, once its last day is closed, and how far apart the sums over windows of the same length
-- lay before the origin: the error that somebody makes who repeats the last window.
{{ config(materialized='table') }}

with

settings as (

    select *
    from {{ ref('forecast_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

questions as (

    select *
    from {{ ref('int_forecasts__list_questions') }}

),

daily as (

    select
        item_id,
        location_id,
        demand_on,
        sum(demand_units) as demand_units
    from {{ ref('int_demand__aggregate_daily') }}
    group by item_id, location_id, demand_on

),

company_start as (

    select min(demand_on) as first_demand_on
    from daily

),

running as (

    select
        item_id,
        location_id,
        demand_on,
        sum(demand_units) over (
            partition by item_id, location_id
            order by demand_on
            rows unbounded preceding
        )::decimal(18, 3) as units_to_date
    from daily

),

numbers as (

    select unnest(generate_series(0, naive_windows_count + 1))::integer as window_number
    from settings

),

-- window 0 is the horizon itself, window 1 as many days up to the origin, and so on backwards
edges as (

    select
        questions.item_id,
        questions.location_id,
        questions.origin_on,
        questions.target_on,
        numbers.window_number,
        questions.target_on - numbers.window_number * questions.horizon_days as edge_on
    from questions
    cross join numbers

),

reached as (

    select
        edges.*,
        coalesce(running.units_to_date, 0) as units_to_date
    from edges
    asof left join running
        on
            edges.item_id = running.item_id
            and edges.location_id = running.location_id
            and edges.edge_on >= running.demand_on

),

windows as (

    select
        *,
        units_to_date - lead(units_to_date) over backwards as window_units,
        lead(edge_on) over backwards as starts_after_on
    from reached
    window backwards as (
        partition by item_id, location_id, origin_on, target_on
        order by window_number
    )

),

steps as (

    select
        windows.*,
        case
            when
                windows.window_number > 0
                and lead(windows.starts_after_on) over backwards >= company_start.first_demand_on - 1
                then windows.window_units - lead(windows.window_units) over backwards
        end as step_units
    from windows
    cross join company_start
    window backwards as (
        partition by windows.item_id, windows.location_id, windows.origin_on, windows.target_on
        order by windows.window_number
    )

)

select
    steps.item_id,
    steps.location_id,

    case
        when steps.target_on <= any_value(as_of.as_of_on)
            then max(steps.window_units) filter (where steps.window_number = 0)
    end as actual_units,
    avg(abs(steps.step_units)) as naive_scale_units,
    avg(steps.step_units * steps.step_units) as naive_mean_square,

    steps.origin_on,
    steps.target_on
from steps
cross join as_of
group by steps.item_id, steps.location_id, steps.origin_on, steps.target_on
