-- Where the stock lies: lines by state at each stocking location, for the map.
select
    location_name,
    municipality_name,
    latitude,
    longitude,
    sum(lines) filter (where risk_state = 'red') as red_lines,
    sum(lines) filter (where risk_state = 'amber') as amber_lines,
    sum(lines) as lines
from gold.stockout_states
group by all
order by location_name
