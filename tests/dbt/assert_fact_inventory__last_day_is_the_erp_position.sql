-- Rebuilt from four years of movements, the last day must be the stock that the ERP itself shows; a pair of the ERP
-- without a single movement must be empty there.
with

erp as (

    select
        item_id,
        location_id,
        on_hand_units
    from {{ ref('stg_erp__inventory') }}

),

facts as (

    select
        item_id,
        location_id,
        on_hand_units
    from {{ ref('fact_inventory') }}
    where stock_on = (select as_of.as_of_on from {{ ref('int_calendar__as_of') }} as as_of)

)

select
    coalesce(erp.item_id, facts.item_id) as item_id,
    coalesce(erp.location_id, facts.location_id) as location_id,
    erp.on_hand_units as erp_units,
    facts.on_hand_units as fact_units
from erp
full outer join facts
    on
        erp.item_id = facts.item_id
        and erp.location_id = facts.location_id
where coalesce(erp.on_hand_units, 0) <> coalesce(facts.on_hand_units, 0)
