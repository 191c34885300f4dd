-- Grain: one row per municipality, operator, generation and month (the months of published accesses, and the last month
-- of the register). Counts are stocks: not additive over months; stations are not additive over generations, because a
-- site counts in each.
-- Whose network grows where: which operator's 5G brings work to which municipality, and how many customers hang on it.
{{ config(meta={'gold_order_by': ['municipality_code', 'operator_name', 'generation_name', 'month_on']}) }}

with

networks as (

    select *
    from {{ ref('int_telecom__count_networks_monthly') }}

)

select
    municipality_code,
    operator_name,
    generation_name,
    month_on,

    stations_count,
    published_stations_count,
    accesses_count
from networks
