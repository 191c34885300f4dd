-- Open exceptions, worst and oldest first.
select
    exception_kind,
    entity_id,
    severity,
    since_on::varchar as since_on,
    seen_text,
    action_text,
    owner_name
from gold.exceptions
order by
    case severity when 'high' then 1 when 'medium' then 2 else 3 end,
    since_on,
    exception_kind,
    entity_id
