-- Where money is stuck, most first.
select
    * exclude (last_issued_on),
    last_issued_on::varchar as last_issued_on
from gold.excess
order by excess_value_brl desc nulls last, stock_value_brl desc nulls last, item_id, location_id
