-- What was expected and what was seen, in the audit of this version.
select
    stage,
    table_name,
    table_title,
    rule,
    claim_text,
    dimension,
    severity,
    status,
    observed_text,
    unexpected_count,
    element_count,
    cause_text,
    samples_text
from gold.quality_expectations
order by table_name, stage, rule
