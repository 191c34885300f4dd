-- The towers that would miss most, at most 500 of them.
select
    *,
    count(*) over () as towers
from gold.tower_exposure
where soon_items_count > 0
order by soon_vital_items_count desc, soon_items_count desc, hourly_penalty_brl desc nulls last, tower_id
limit 500
