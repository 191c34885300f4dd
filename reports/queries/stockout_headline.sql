-- The big numbers of the page about stockouts, one row. A line is an item at a location; a tower is exposed when an item
-- that it draws is red and out or about to be.
with lines as (
    select
        coalesce(sum(lines), 0) as planned_lines,
        coalesce(sum(lines) filter (where risk_state = 'red'), 0) as red_lines,
        coalesce(sum(lines) filter (where risk_state = 'amber'), 0) as amber_lines,
        coalesce(sum(lines) filter (where risk_state = 'green'), 0) as green_lines,
        coalesce(sum(soon_lines) filter (where risk_state = 'red'), 0) as red_soon_lines,
        coalesce(sum(soon_vital_lines) filter (where risk_state = 'red'), 0) as red_soon_vital_lines,
        max(soon_days) as soon_days
    from gold.stockout_states
),

towers as (
    select
        count(*) as towers,
        count(*) filter (where soon_vital_items_count > 0) as exposed_towers,
        count(distinct contract_id) filter (where soon_vital_items_count > 0) as exposed_contracts,
        max(hourly_penalty_brl) filter (where soon_vital_items_count > 0) as highest_hourly_penalty_brl
    from gold.tower_exposure
)

select
    lines.*,
    towers.*
from lines
cross join towers
