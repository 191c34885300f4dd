-- One row per purchase order line that is judged: completed with usable dates, or open after its promise. Values are
-- additive, days are not.
-- Holds what came against what the supplier promised and against the 85 % lead time that was published at the first of
-- the month before the request, which is what the buyer knew.
with

order_lines as (

    select *
    from {{ ref('int_supply__follow_order_lines') }}

),

lead_times as (

    select *
    from {{ ref('int_supply__measure_lead_times') }}

),

settings as (

    select *
    from {{ ref('report_settings') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

dated as (

    select
        order_lines.purchase_order_line_id,
        order_lines.supplier_id,
        order_lines.item_id,

        order_lines.open_units,
        (order_lines.open_units * order_lines.unit_price_brl)::decimal(18, 2) as open_value_brl,

        order_lines.requested_on,
        order_lines.promised_on,
        order_lines.is_overdue,
        order_lines.days_overdue,
        order_lines.lead_time_days,
        settings.promise_tolerance_share,
        settings.published_quantile,
        case
            when order_lines.promised_on >= order_lines.requested_on
                then (order_lines.promised_on - order_lines.requested_on)::integer
        end as promised_days,
        date_trunc('month', order_lines.requested_on - 1)::date as published_on
    from order_lines
    cross join settings
    cross join as_of
    where
        (order_lines.lead_time_days is not null or order_lines.is_overdue)
        -- an overdue line counts however old it is
        and (
            order_lines.is_overdue
            or order_lines.requested_on > as_of.as_of_on - (
                select policy.lead_time_history_days
                from {{ ref('policy_settings') }} as policy
            )
        )

)

select
    dated.purchase_order_line_id,
    dated.supplier_id,
    dated.item_id,

    dated.requested_on,
    dated.promised_on,
    dated.is_overdue,
    dated.days_overdue,
    dated.open_units,
    dated.open_value_brl,

    dated.published_quantile,
    dated.lead_time_days,
    dated.promised_days,
    lead_times.lead_time_p85_days as published_p85_days,
    dated.lead_time_days - dated.promised_days as days_after_promise,
    case
        when dated.is_overdue then false
        when dated.promised_days is not null
            then dated.lead_time_days <= dated.promised_days * (1 + dated.promise_tolerance_share)
    end as is_within_promise,
    dated.lead_time_days <= lead_times.lead_time_p85_days as is_within_published_p85
from dated
left join lead_times
    on
        dated.item_id = lead_times.item_id
        and dated.published_on = lead_times.as_of_on
