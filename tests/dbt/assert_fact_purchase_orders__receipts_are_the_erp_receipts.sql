-- Units received per order line add up to the ERP's receipts; receipts without an order line would be stock from
-- nowhere.
with

facts as (

    select coalesce(sum(received_units), 0) as units
    from {{ ref('fact_purchase_orders') }}

),

erp as (

    select coalesce(sum(received_units), 0) as units
    from {{ ref('stg_erp__receipts') }}

)

select
    facts.units as fact_units,
    erp.units as erp_units
from facts
cross join erp
where facts.units <> erp.units
