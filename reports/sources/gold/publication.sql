-- One row: which gold this report was made from.
select
    version,
    generated_at,
    as_of_on,
    as_of_on + 1 as planning_on,
    checks_passed,
    checks_warned,
    checks_failed,
    quality_score_pct
from gold.publication
