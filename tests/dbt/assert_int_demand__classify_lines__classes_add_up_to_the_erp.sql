-- Demand, services, duplicates, returns, cancelled and invalid lines together are the ERP's requisitions, in lines
-- and in units: nothing that the field asked for disappears on the way to the buy list.
with

classified as (

    select
        count(*) as line_count,
        coalesce(sum(requested_units), 0) as units
    from {{ ref('int_demand__classify_lines') }}
    where line_class in ('demand', 'service', 'duplicate', 'return', 'cancelled', 'invalid')

),

erp as (

    select
        count(*) as line_count,
        coalesce(sum(requested_units), 0) as units
    from {{ ref('stg_erp__requisitions') }}

)

select
    classified.line_count as classified_line_count,
    erp.line_count as erp_line_count,
    classified.units as classified_units,
    erp.units as erp_units
from classified
cross join erp
where
    classified.line_count <> erp.line_count
    or classified.units <> erp.units
