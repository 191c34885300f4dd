-- What a person has to look at because no rule can decide it.
select
    exception_kind,
    entity_id,
    severity,
    since_on,
    seen_text,
    action_text,
    owner_name
from gold.rpt_exceptions
order by exception_kind, entity_id
