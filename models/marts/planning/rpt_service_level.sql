-- Grain: one row per closed month of the trailing window, ABC class and criticality. Counts are additive over months
-- and segments, and rates are their quotients; pairs_count is additive over segments, waiting_towers_count over
-- nothing. What the policy aimed at and what the field got. Class, criticality and target are those that were known on
-- the first of the month; a pair that became known during it counts from the next month on. Attained, as lines: demand
-- lines of the month that were fulfilled on the day they were asked for. One that waits, was never fulfilled or was
-- handed out after midnight was not met at once. Attained, as days: of the days of the month of every pair with demand
-- in its window, those that closed with stock on the shelf; a pair that never held stock closed all of them empty. The
-- target is a chance per order cycle, not a share of lines: attained lines lie above it where lots last long.
{{ config(meta={'gold_order_by': ['month_on', 'abc_class', 'criticality']}) }}

with

months as (

    select *
    from {{ ref('int_planning__list_service_months') }}

),

pairs as (

    select
        months.month_on,
        months.month_end_on,
        months.days_count,
        parameters.item_id,
        parameters.location_id,
        parameters.abc_class,
        parameters.service_level,
        coalesce(parameters.criticality, 'unknown') as criticality,
        coalesce(parameters.demand_mean_units_per_day > 0, false) as is_planned
    from {{ ref('fact_policy_parameters') }} as parameters
    inner join months
        on parameters.as_of_on = months.month_on

),

stocked_days as (

    select
        months.month_on,
        inventory.item_id,
        inventory.location_id,
        count(*) as days_count
    from {{ ref('fact_inventory') }} as inventory
    inner join months
        on inventory.stock_on between months.month_on and months.month_end_on
    where inventory.on_hand_units > 0
    group by months.month_on, inventory.item_id, inventory.location_id

),

targets as (

    select
        pairs.month_on,
        pairs.abc_class,
        pairs.criticality,
        count(*) filter (where pairs.is_planned) as pairs_count,
        avg(pairs.service_level::decimal(18, 9)) filter (where pairs.is_planned) as service_level_target,
        sum(pairs.days_count) filter (where pairs.is_planned) as pair_days_count,
        sum(stocked_days.days_count) filter (where pairs.is_planned) as stocked_days_count
    from pairs
    left join stocked_days
        on
            pairs.month_on = stocked_days.month_on
            and pairs.item_id = stocked_days.item_id
            and pairs.location_id = stocked_days.location_id
    group by pairs.month_on, pairs.abc_class, pairs.criticality

),

lines as (

    select
        item_id,
        location_id,
        tower_id,
        requested_on,
        coalesce(fulfilled_on <= requested_on, false) as is_met_at_once
    from {{ ref('int_demand__classify_lines') }}
    where line_class = 'demand'

),

attained as (

    select
        pairs.month_on,
        pairs.abc_class,
        pairs.criticality,
        count(*) as demand_lines_count,
        count(*) filter (where lines.is_met_at_once) as lines_met_count,
        count(distinct lines.tower_id) filter (
            where not lines.is_met_at_once and lines.tower_id <> 'unknown'
        ) as waiting_towers_count
    from lines
    inner join pairs
        on
            lines.item_id = pairs.item_id
            and lines.location_id = pairs.location_id
            and lines.requested_on between pairs.month_on and pairs.month_end_on
    group by pairs.month_on, pairs.abc_class, pairs.criticality

)

select
    targets.month_on,

    targets.abc_class,
    targets.criticality,

    targets.pairs_count::integer as pairs_count,
    targets.service_level_target::double as service_level_target,

    coalesce(attained.demand_lines_count, 0)::integer as demand_lines_count,
    coalesce(attained.lines_met_count, 0)::integer as lines_met_count,
    attained.lines_met_count::double / attained.demand_lines_count as line_fill_rate,
    coalesce(attained.waiting_towers_count, 0)::integer as waiting_towers_count,

    coalesce(targets.pair_days_count, 0)::integer as pair_days_count,
    coalesce(targets.stocked_days_count, 0)::integer as stocked_days_count,
    coalesce(targets.stocked_days_count, 0)::double / targets.pair_days_count as in_stock_rate
from targets
left join attained
    on
        targets.month_on = attained.month_on
        and targets.abc_class = attained.abc_class
        and targets.criticality = attained.criticality
