-- Where the towers stand: how exposed those of a municipality are, for the map.
select
    coalesce(municipality_name, 'Município não informado') as municipality_name,
    avg(latitude) as latitude,
    avg(longitude) as longitude,
    count(*) as towers,
    count(*) filter (where soon_vital_items_count > 0) as exposed_towers,
    avg(soon_vital_items_count) as soon_vital_items_mean,
    count(distinct contract_id) as contracts,
    max(hourly_penalty_brl) as hourly_penalty_brl
from gold.tower_exposure
group by all
order by soon_vital_items_mean desc, municipality_name
