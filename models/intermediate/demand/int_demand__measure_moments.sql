-- One row per as-of day, item and stocking location known by then. Units and counts are additive over locations of one
-- item; deviations and moments are not.
-- Sums, counts and powers of the demand of the trailing window as they were known at the close of the as-of day, days
-- without demand included. The window is shortened to the life of the item.
-- A day's demand enters every window that covers it, so sums run from one edge of a window to the next, and a window is
-- a difference of two. That holds for months in which every line was entered on its day; the few other months are added
-- up for each as-of day from the lines known then. Sums are whole thousandths in 128 bits: exact in any order.
-- Incremental by as-of day: what was known on a day does not change, so only new days are measured.
-- depends_on: {{ ref('int_planning__list_as_of_days') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='as_of_on',
        on_schema_change='sync_all_columns',
        pre_hook='{{ delete_other_as_of_days() }}'
    )
}}

with

settings as (

    select *
    from {{ ref('policy_settings') }}

),

as_of_days as (

    select
        list.as_of_on,
        list.as_of_on - settings.demand_history_days as window_before_on,
        list.policy_version,
        list.source_extracted_at
    from {{ ref('int_planning__list_as_of_days') }} as list
    cross join settings
    {% if is_incremental() %}
    where list.as_of_on in ({{ as_of_days_to_build(this) }})
    {% endif %}

),

span as (

    -- a month counts as a whole once its last day is in the window
    select
        max(as_of_on) as last_on,
        date_trunc('month', min(window_before_on))::date as first_on
    from as_of_days

),

lines as (

    select
        known.item_id,
        known.location_id,
        known.demand_on,
        last_day(known.demand_on) as month_end_on,
        (known.requested_units * 1000)::hugeint as thousandths,
        known.known_from_on,
        known.known_to_on,
        known.known_from_on > known.demand_on or known.known_to_on < {{ end_of_time() }}::date as is_irregular
    from {{ ref('int_demand__date_known_lines') }} as known
    semi join {{ ref('int_planning__list_pairs') }} as pairs
        on
            known.item_id = pairs.item_id
            and known.location_id = pairs.location_id

),

irregular_months as (

    select distinct
        item_id,
        location_id,
        month_end_on
    from lines
    where is_irregular

),

regular_days as (

    select
        lines.item_id,
        lines.location_id,
        lines.demand_on,
        lines.month_end_on,
        count(*) as line_count,
        sum(lines.thousandths) as thousandths
    from lines
    cross join span
    anti join irregular_months
        on
            lines.item_id = irregular_months.item_id
            and lines.location_id = irregular_months.location_id
            and lines.month_end_on = irregular_months.month_end_on
    where lines.demand_on >= span.first_on
    group by lines.item_id, lines.location_id, lines.demand_on, lines.month_end_on

),

edges as (

    select as_of_on as edge_on
    from as_of_days
    union
    select window_before_on as edge_on
    from as_of_days

),

days as (

    select unnest(generate_series(first_on, last_on, interval 1 day))::date as day_on
    from span

),

-- the first edge at or after a day; what comes after the last one is not asked for
day_edges as (

    select
        days.day_on,
        min(edges.edge_on) as edge_on
    from days
    inner join edges
        on days.day_on <= edges.edge_on
    group by days.day_on

),

regular_months as (

    select
        item_id,
        location_id,
        month_end_on,
        sum(thousandths)::hugeint as thousandths
    from regular_days
    group by item_id, location_id, month_end_on

),

-- a day counts on the day, a month on its last day
events as (

    select
        regular_days.item_id,
        regular_days.location_id,
        day_edges.edge_on,
        max(regular_days.demand_on) as demand_on,
        sum(regular_days.line_count) as line_count,
        count(*) as day_count,
        sum(regular_days.thousandths) as thousandths,
        sum(regular_days.thousandths * regular_days.thousandths) as squares,
        sum(regular_days.thousandths * regular_days.thousandths * regular_days.thousandths) as cubes,
        0::hugeint as month_thousandths,
        0::hugeint as month_squares
    from regular_days
    inner join day_edges
        on regular_days.demand_on = day_edges.day_on
    group by regular_days.item_id, regular_days.location_id, day_edges.edge_on
    union all
    select
        regular_months.item_id,
        regular_months.location_id,
        day_edges.edge_on,
        null as demand_on,
        0 as line_count,
        0 as day_count,
        0::hugeint as thousandths,
        0::hugeint as squares,
        0::hugeint as cubes,
        sum(regular_months.thousandths) as month_thousandths,
        sum(regular_months.thousandths * regular_months.thousandths) as month_squares
    from regular_months
    inner join day_edges
        on regular_months.month_end_on = day_edges.day_on
    group by regular_months.item_id, regular_months.location_id, day_edges.edge_on

),

edge_sums as (

    select
        item_id,
        location_id,
        edge_on,
        max(demand_on) as demand_on,
        sum(line_count) as line_count,
        sum(day_count) as day_count,
        sum(thousandths) as thousandths,
        sum(squares) as squares,
        sum(cubes) as cubes,
        sum(month_thousandths) as month_thousandths,
        sum(month_squares) as month_squares
    from events
    group by item_id, location_id, edge_on

),

running as (

    select
        item_id,
        location_id,
        edge_on,
        max(demand_on) over to_date as last_demand_on,
        sum(line_count) over to_date as line_count,
        sum(day_count) over to_date as day_count,
        sum(thousandths) over to_date as thousandths,
        sum(squares) over to_date as squares,
        sum(cubes) over to_date as cubes,
        sum(month_thousandths) over to_date as month_thousandths,
        sum(month_squares) over to_date as month_squares
    from edge_sums
    window to_date as (
        partition by item_id, location_id
        order by edge_on
        rows unbounded preceding
    )

),

pairs as (

    select
        as_of_days.as_of_on,
        as_of_days.window_before_on,
        pairs.item_id,
        pairs.location_id
    from {{ ref('int_planning__list_pairs') }} as pairs
    inner join as_of_days
        on pairs.known_from_on <= as_of_days.as_of_on

),

regular as (

    select
        pairs.as_of_on,
        pairs.item_id,
        pairs.location_id,
        case when until_now.last_demand_on > pairs.window_before_on
                then until_now.last_demand_on
        end as last_demand_on,
        coalesce(until_now.line_count, 0) - coalesce(before_window.line_count, 0) as line_count,
        coalesce(until_now.day_count, 0) - coalesce(before_window.day_count, 0) as day_count,
        coalesce(until_now.thousandths, 0) - coalesce(before_window.thousandths, 0) as thousandths,
        coalesce(until_now.squares, 0) - coalesce(before_window.squares, 0) as squares,
        coalesce(until_now.cubes, 0) - coalesce(before_window.cubes, 0) as cubes,
        coalesce(until_now.month_thousandths, 0) - coalesce(before_window.month_thousandths, 0) as month_thousandths,
        coalesce(until_now.month_squares, 0) - coalesce(before_window.month_squares, 0) as month_squares
    from pairs
    asof left join running as until_now
        on
            pairs.item_id = until_now.item_id
            and pairs.location_id = until_now.location_id
            and pairs.as_of_on >= until_now.edge_on
    asof left join running as before_window
        on
            pairs.item_id = before_window.item_id
            and pairs.location_id = before_window.location_id
            and pairs.window_before_on >= before_window.edge_on

),

irregular_days as (

    select
        as_of_days.as_of_on,
        as_of_days.window_before_on,
        lines.item_id,
        lines.location_id,
        lines.demand_on,
        lines.month_end_on,
        count(*) as line_count,
        sum(lines.thousandths) as thousandths
    from lines
    semi join irregular_months
        on
            lines.item_id = irregular_months.item_id
            and lines.location_id = irregular_months.location_id
            and lines.month_end_on = irregular_months.month_end_on
    inner join as_of_days
        on
            lines.known_from_on <= as_of_days.as_of_on
            and lines.known_to_on > as_of_days.as_of_on
            and lines.demand_on <= as_of_days.as_of_on
            and lines.month_end_on > as_of_days.window_before_on
    group by all

),

irregular as (

    select
        as_of_on,
        item_id,
        location_id,
        max(demand_on) as last_demand_on,
        sum(line_count) as line_count,
        count(*) as day_count,
        sum(thousandths) as thousandths,
        sum(thousandths * thousandths) as squares,
        sum(thousandths * thousandths * thousandths) as cubes,
        0 as month_thousandths,
        0 as month_squares
    from irregular_days
    where demand_on > window_before_on
    group by as_of_on, item_id, location_id
    union all
    select
        as_of_on,
        item_id,
        location_id,
        null as last_demand_on,
        0 as line_count,
        0 as day_count,
        0 as thousandths,
        0 as squares,
        0 as cubes,
        sum(thousandths) as month_thousandths,
        sum(squares) as month_squares
    from (
        select
            as_of_on,
            item_id,
            location_id,
            month_end_on,
            sum(thousandths) as thousandths,
            sum(thousandths) * sum(thousandths) as squares
        from irregular_days
        where month_end_on <= as_of_on
        group by as_of_on, item_id, location_id, month_end_on
    ) as months
    group by as_of_on, item_id, location_id

),

totals as (

    select
        as_of_on,
        item_id,
        location_id,
        max(last_demand_on) as last_demand_on,
        sum(line_count) as line_count,
        sum(day_count) as day_count,
        sum(thousandths) as thousandths,
        sum(squares) as squares,
        sum(cubes) as cubes,
        sum(month_thousandths) as month_thousandths,
        sum(month_squares) as month_squares
    from (
        select * from regular
        union all by name
        select * from irregular
    ) as parts
    group by as_of_on, item_id, location_id

),

-- the day on which an item was first asked for, as known on each day on which an earlier one became known
item_firsts as (

    select
        item_id,
        known_from_on,
        min(min(demand_on)) over (
            partition by item_id
            order by known_from_on
        ) as first_demand_on
    from lines
    group by item_id, known_from_on

),

items as (

    select
        items.as_of_on,
        items.item_id,
        items.created_on,
        item_firsts.first_demand_on,
        min(item_firsts.first_demand_on) over (partition by items.as_of_on) as company_first_on
    from {{ ref('int_planning__list_items_as_of') }} as items
    asof left join item_firsts
        on
            items.item_id = item_firsts.item_id
            and items.as_of_on >= item_firsts.known_from_on

),

-- greatest and least skip NULL: an item without a creation date starts at its first demand, and the other way round
windows as (

    select
        totals.*,
        as_of_days.policy_version,
        as_of_days.source_extracted_at,
        greatest(
            as_of_days.window_before_on + 1,
            items.company_first_on,
            least(items.created_on, items.first_demand_on)
        ) as window_start_on
    from totals
    inner join as_of_days
        on totals.as_of_on = as_of_days.as_of_on
    inner join items
        on
            totals.as_of_on = items.as_of_on
            and totals.item_id = items.item_id

),

measured as (

    select
        *,
        nullif(greatest(as_of_on - window_start_on + 1, 0), 0) as history_days,
        nullif(day_count, 0) as days_with_demand,
        -- months whose last day lies in the window
        datediff('month', window_start_on, as_of_on + 1) as month_count,
        thousandths / 1e3 as units,
        squares / 1e6 as squared_units,
        cubes / 1e9 as cubed_units
    from windows

),

deviations as (

    select
        *,
        {{ sample_deviation('units', 'squared_units', 'history_days') }} as demand_std_units_per_day,
        {{ sample_deviation('units', 'squared_units', 'days_with_demand') }} as size_std_units,
        {{ sample_deviation('month_thousandths / 1e3', 'month_squares / 1e6', 'month_count') }} as month_std_units
    from measured

)

select
    as_of_on,
    item_id,
    location_id,

    window_start_on,
    history_days::integer as demand_history_days,
    line_count::integer as demand_lines_count,
    day_count::integer as demand_days_count,
    units::decimal(18, 3) as demand_units,
    last_demand_on,

    units / history_days as demand_mean_units_per_day,
    demand_std_units_per_day,
    units / nullif(line_count, 0) as units_per_line,
    units / days_with_demand as size_mean_units,
    squared_units / days_with_demand as size_second_moment,
    cubed_units / days_with_demand as size_third_moment,

    history_days / days_with_demand as average_interval_days,
    power(size_std_units / (units / days_with_demand), 2) as size_squared_cv,
    month_count::integer as demand_months_count,
    month_std_units / nullif(month_thousandths / 1e3 / nullif(month_count, 0), 0) as monthly_cv,

    policy_version,
    source_extracted_at
from deviations
