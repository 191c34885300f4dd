-- Grain: one row per item and stocking location on the buy list, at one day. Not additive: a tower may draw several
-- items. What runs out, when, how likely, and who notices: towers and contracts that drew on the shelf in the trailing
-- months.
{{ config(meta={'gold_order_by': ['item_id', 'location_id']}) }}

with

risks as (

    select *
    from {{ ref('int_planning__assess_stockout_risk') }}

),

items as (

    select *
    from {{ ref('dim_items') }}
    where is_current

),

locations as (

    select *
    from {{ ref('dim_locations') }}

)

select
    risks.planning_on,
    risks.as_of_on,
    items.item_key,
    risks.item_id,
    items.item_name,
    items.category_name,
    items.family_name,
    items.unit_code,
    items.criticality,
    risks.location_id,
    locations.location_name,

    risks.risk_state,
    case risks.risk_state
        when 'red' then 'No ponto de pedido ou abaixo dele, sem entrega a tempo'
        when 'amber' then 'Aproxima-se do ponto de pedido, ou a entrega chega a tempo'
        else 'Sem risco à vista'
    end as risk_label,

    risks.on_hand_units,
    risks.on_order_units,
    risks.backordered_units,
    risks.reorder_point_units,
    risks.demand_mean_units_per_day,
    risks.lead_time_mean_days,
    risks.next_due_on,
    risks.days_until_stockout,
    case when risks.days_until_stockout is not null then risks.planning_on + risks.days_until_stockout
    end as stockout_on,
    risks.soon_days,
    risks.is_soon,
    risks.stockout_probability,
    risks.stockout_probability_later,

    risks.exposed_towers_count,
    risks.exposed_contracts_count,
    risks.exposed_contract_ids,
    risks.highest_hourly_penalty_brl
from risks
inner join items
    on risks.item_id = items.item_id
inner join locations
    on risks.location_id = locations.location_id
