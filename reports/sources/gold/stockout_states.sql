-- Stocking location x state: how many item lines, and where the location is.
select
    risks.location_id,
    risks.location_name,
    locations.municipality_name,
    locations.latitude,
    locations.longitude,
    risks.risk_state,
    max(risks.soon_days) as soon_days,
    count(*) as lines,
    count(*) filter (where risks.is_soon) as soon_lines,
    count(*) filter (where risks.is_soon and risks.criticality = 'vital') as soon_vital_lines
from gold.rpt_stockout_risk as risks
left join gold.dim_locations as locations on risks.location_id = locations.location_id
group by all
order by risks.location_id, risks.risk_state
