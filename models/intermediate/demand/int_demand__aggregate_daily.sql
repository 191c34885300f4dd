-- One row per item, stocking location, tower and day with demand. Additive. Demand is dated by the request, not by the
-- issue, which a stockout would delay. The keys are those of the versions of item and tower that held on the day.
with

lines as (

    select *
    from {{ ref('int_demand__classify_lines') }}
    where line_class = 'demand'

)

select
    requested_on as demand_on,

    item_id,
    location_id,
    tower_id,
    min(item_key) as item_key,
    min(tower_key) as tower_key,

    sum(requested_units)::decimal(18, 3) as demand_units,
    count(*)::integer as demand_lines,

    max(extracted_at) as source_extracted_at
from lines
group by requested_on, item_id, location_id, tower_id
