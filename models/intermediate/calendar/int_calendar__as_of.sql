-- One row: the last closed business day, which is the day of the ERP's own stock position. NULL while there is no ERP.
{{ config(materialized='table') }}

with

inventory as (

    select stock_on
    from {{ ref('stg_erp__inventory') }}

)

select
    max(stock_on) as as_of_on,
    max(stock_on) + 1 as planning_on
from inventory
