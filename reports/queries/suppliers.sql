-- Who delivers late: first who owes most now, then who misses the promise by most.
select *
from gold.suppliers
order by
    overdue_value_brl desc,
    bias_days desc nulls last,
    supplier_id
