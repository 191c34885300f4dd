-- Which gold the page shows.
select
    version,
    generated_at,
    as_of_on::varchar as as_of_on,
    planning_on::varchar as planning_on,
    checks_passed,
    checks_warned,
    checks_failed,
    quality_score_pct
from gold.publication
