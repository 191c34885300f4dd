-- What did not pass, what closes a gate first.
select
    stage,
    table_name,
    table_title,
    rule,
    claim_text,
    dimension,
    severity,
    observed_text,
    unexpected_count,
    element_count,
    cause_text,
    samples_text
from gold.quality_expectations
where status = 'failed'
order by severity, table_name, rule
