-- One row per item and stocking location on the buy list. Not additive. When the shelf is empty, how likely demand
-- outruns the stock over one lead time and over the next one, and what stands behind the shelf: the towers that drew on
-- it and the contracts that they are under.
{{ config(materialized='table') }}

with

plans as (

    select *
    from {{ ref('int_planning__compute_replenishment') }}

),

towers as (

    select *
    from {{ ref('int_towers__history') }}
    where is_current

),

contracts as (

    select *
    from {{ ref('int_contracts__history') }}
    where is_current

),

orders as (

    select
        plans.item_id,
        plans.location_id,
        min(order_lines.promised_on) as next_due_on,
        sum(order_lines.open_units) filter (
            where order_lines.promised_on <= plans.planning_on + plans.lead_time_mean_days::integer
        ) as due_units,
        sum(order_lines.open_units) filter (
            where order_lines.promised_on <= plans.planning_on + 2 * plans.lead_time_mean_days::integer
        ) as due_later_units
    from plans
    inner join {{ ref('int_supply__follow_order_lines') }} as order_lines
        on
            plans.item_id = order_lines.item_id
            and plans.location_id = order_lines.location_id
    where order_lines.open_units > 0
    group by plans.item_id, plans.location_id

),

settings as (

    select *
    from {{ ref('policy_settings') }}

),

drawing_towers as (

    select *
    from {{ ref('int_planning__list_drawing_towers') }}

),

exposed as (

    select
        drawing_towers.item_id,
        drawing_towers.location_id,
        count(*)::integer as exposed_towers_count,
        count(distinct contracts.contract_id)::integer as exposed_contracts_count,
        max(contracts.hourly_penalty_brl) as highest_hourly_penalty_brl,
        string_agg(distinct contracts.contract_id, ', ' order by contracts.contract_id) as exposed_contract_ids
    from drawing_towers
    left join towers
        on drawing_towers.tower_id = towers.tower_id
    left join contracts
        on towers.contract_id = contracts.contract_id
    group by drawing_towers.item_id, drawing_towers.location_id

),

joined as (

    select
        plans.*,
        orders.next_due_on,
        plans.on_hand_units - plans.backordered_units as net_units,
        plans.on_hand_units - plans.backordered_units + coalesce(orders.due_units, 0) as available_units,
        plans.on_hand_units - plans.backordered_units + coalesce(orders.due_later_units, 0) as later_units,
        plans.demand_mean_units_per_day * plans.lead_time_mean_days as lead_time_demand_units,
        plans.lead_time_mean_days * plans.demand_std_units_per_day * plans.demand_std_units_per_day
        + plans.demand_mean_units_per_day * plans.demand_mean_units_per_day
        * plans.lead_time_std_days * plans.lead_time_std_days as lead_time_demand_variance,
        coalesce(exposed.exposed_towers_count, 0) as exposed_towers_count,
        coalesce(exposed.exposed_contracts_count, 0) as exposed_contracts_count,
        exposed.exposed_contract_ids,
        exposed.highest_hourly_penalty_brl,
        settings.approaching_days as soon_days
    from plans
    cross join settings
    left join orders
        on
            plans.item_id = orders.item_id
            and plans.location_id = orders.location_id
    left join exposed
        on
            plans.item_id = exposed.item_id
            and plans.location_id = exposed.location_id

),

timed as (

    select
        *,
        case when demand_mean_units_per_day > 0
                then floor(greatest(net_units, 0)::double / demand_mean_units_per_day)
        end as days_until_stockout,
        {{ stockout_probability('available_units', 'lead_time_demand_units', 'lead_time_demand_variance') }}
            as stockout_probability,
        -- two lead times in a row: demand doubles, and so does the variance of independent lead times
        {{ stockout_probability('later_units', '2 * lead_time_demand_units', '2 * lead_time_demand_variance') }}
            as stockout_probability_later
    from joined

),

judged as (

    select
        *,
        next_due_on <= planning_on + days_until_stockout::integer as is_order_in_time
    from timed

)

select
    planning_on,
    as_of_on,
    item_id,
    location_id,

    on_hand_units,
    on_order_units,
    backordered_units,
    reorder_point_units,
    demand_mean_units_per_day,
    lead_time_mean_days,
    next_due_on,
    days_until_stockout::integer as days_until_stockout,
    stockout_probability,
    stockout_probability_later,

    exposed_towers_count,
    exposed_contracts_count,
    exposed_contract_ids,
    highest_hourly_penalty_brl,

    soon_days::integer as soon_days,
    coalesce(days_until_stockout <= soon_days, false) as is_soon,
    case
        when status = 'no_demand' then 'green'
        when net_units <= reorder_point_units and not coalesce(is_order_in_time, false) then 'red'
        when net_units <= reorder_point_units or status in ('order_now', 'approaching') then 'amber'
        else 'green'
    end as risk_state
from judged
