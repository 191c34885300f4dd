-- One row: the limits beyond which something is an exception, from the settings of policy and of reports.
select
    report.lead_time_gap_share,
    policy.minimum_receipts_count
from {{ ref('report_settings') }} as report
cross join {{ ref('policy_settings') }} as policy
