-- Order lines after their promise, the longest wait first.
select
    * exclude (requested_on, promised_on),
    requested_on::varchar as requested_on,
    promised_on::varchar as promised_on
from gold.overdue_lines
order by days_overdue desc, open_value_brl desc nulls last, purchase_order_id, line_number
