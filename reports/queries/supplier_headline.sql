-- The big numbers of the page about suppliers, one row. Rates weigh every order line the same.
select
    count(*) as suppliers,
    sum(judged_lines_count) as judged_lines,
    sum(kept_lines_count) / nullif(sum(judged_lines_count), 0) as kept_share,
    sum(bias_days * received_lines_count) / nullif(sum(received_lines_count), 0) as bias_days,
    sum(published_p85_coverage * published_lines_count) / nullif(sum(published_lines_count), 0) as p85_coverage,
    coalesce(sum(overdue_lines_count), 0) as overdue_lines,
    coalesce(sum(overdue_value_brl), 0) as overdue_value_brl,
    count(*) filter (where overdue_lines_count > 0) as overdue_suppliers,
    max(longest_overdue_days) as longest_overdue_days
from gold.suppliers
