-- Grain: one row per item, stocking location and day on which the shelf issued something. Values are additive over
-- everything, units within one item.
-- What left the shelves for the field, at the unit cost that values the stock of the same day: the numerator of turns.
{{ config(meta={'gold_order_by': ['issued_on', 'item_id', 'location_id']}) }}

with

issues as (

    select *
    from {{ ref('fact_inventory') }}
    where issued_units > 0

),

items as (

    select *
    from {{ ref('dim_items') }}

)

select
    issues.stock_on as issued_on,

    issues.item_key,
    issues.location_key,
    issues.item_id,
    issues.location_id,

    issues.issued_units,
    (issues.issued_units * items.unit_cost_brl)::decimal(18, 2) as issued_value_brl,

    issues.source_extracted_at
from issues
left join items
    on issues.item_key = items.item_key
