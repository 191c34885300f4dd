-- Supplier with a judged order line: what was promised, what came, what we had published, and what is late now.
select
    supplier_id,
    supplier_name,
    received_lines_count,
    judged_lines_count,
    kept_lines_count,
    hit_rate,
    bias_days,
    days_after_promise_std_days,
    lead_time_mean_days,
    promised_mean_days,
    published_p85_mean_days,
    published_lines_count,
    published_p85_coverage,
    published_p85_loss_days,
    promise_loss_days,
    overdue_lines_count,
    overdue_value_brl::double as overdue_value_brl,
    longest_overdue_days
from gold.rpt_supplier_performance
order by supplier_id
