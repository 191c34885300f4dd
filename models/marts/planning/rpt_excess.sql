-- Grain: one row per item and stocking location with excess or obsolete stock, at one day. BRL is additive; units are
-- additive over locations of one item.
-- What is stuck: stock above the maximum and a year's demand, stock of which nothing is issued any more, and where it
-- could go instead of being bought there.
{{ config(meta={'gold_order_by': ['item_id', 'location_id']}) }}

with

excess as (

    select *
    from {{ ref('int_planning__find_excess') }}

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
    excess.planning_on,
    excess.as_of_on,
    items.item_key,
    excess.item_id,
    items.item_name,
    items.category_name,
    items.family_name,
    items.unit_code,
    excess.abc_class,
    excess.location_id,
    locations.location_name,

    excess.unit_cost_brl,
    excess.annual_demand_units,
    excess.order_up_to_units,
    excess.on_hand_units,
    excess.on_order_units,
    (excess.on_order_units * excess.unit_cost_brl)::decimal(18, 2) as on_order_value_brl,
    excess.position_units,
    excess.stock_value_brl,
    excess.excess_units,
    excess.excess_value_brl,
    excess.is_obsolete,
    excess.last_issued_on,

    excess.transfer_units,
    (excess.transfer_units * excess.unit_cost_brl)::decimal(18, 2) as transfer_value_brl,
    excess.transfer_to_location_id,
    destinations.location_name as transfer_to_location_name,

    case
        when excess.is_obsolete and excess.last_issued_on is null
            then 'Nunca saiu do estoque.'
        when excess.is_obsolete
            then 'Sem saída desde ' || {{ date_in_portuguese('excess.last_issued_on') }} || '.'
        else
            'Posição de ' || {{ quantity_in_portuguese('excess.position_units') }} || ' contra máximo de '
            || {{ quantity_in_portuguese('coalesce(excess.order_up_to_units, 0)') }} || ' e demanda anual de '
            || {{ quantity_in_portuguese('round(coalesce(excess.annual_demand_units, 0), 0)') }} || '.'
    end
    || case
        when excess.transfer_units > 0
            then
                ' Transferir ' || {{ quantity_in_portuguese('excess.transfer_units') }}
                || ' em vez de comprar, a maior parte para ' || destinations.location_name || '.'
        else ''
    end as reason_text
from excess
inner join items
    on excess.item_id = items.item_id
inner join locations
    on excess.location_id = locations.location_id
left join locations as destinations
    on excess.transfer_to_location_id = destinations.location_id
