-- Grain: one row per series, reference day and vintage (half-open in known_from/known_to). Not additive.
-- What the economy's figures were and what was known of them on any day: revised values never overwrite, so a past
-- decision can be replayed with what it could know.
-- A table, not incremental: a few thousand rows a year, and a revision changes the interval of the vintage before it.
{{ config(meta={'gold_order_by': ['series_id', 'reference_on', 'known_from']}) }}

with

vintages as (

    select *
    from {{ ref('int_economy__track_vintages') }}

)

select
    series_id,
    series_name,
    unit_name,

    reference_on,
    value,

    known_from,
    known_to,
    is_latest,
    is_future
from vintages
