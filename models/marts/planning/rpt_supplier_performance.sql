-- Grain: one row per supplier with a judged order line: completed and requested in the trailing lead-time window, or
-- open after its promise. Counts and BRL are additive; rates, days and losses are not. Who keeps a promise, who is late
-- now, and whether our own published lead time was any better: a long promise is easy to keep, which the pinball loss
-- shows and the hit rate does not.
-- Deviation and losses are rounded to nine digits, so that the order in which threads add leaves the published bytes
-- alone.
{{ config(meta={'gold_order_by': ['supplier_id']}) }}

with

deliveries as (

    select *
    from {{ ref('int_supply__judge_deliveries') }}

),

suppliers as (

    select *
    from {{ ref('dim_suppliers') }}
    where is_current

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

judged as (

    select
        deliveries.supplier_id,
        count(deliveries.lead_time_days)::integer as received_lines_count,
        count(deliveries.is_within_promise)::integer as judged_lines_count,
        (count(*) filter (where deliveries.is_within_promise))::integer as kept_lines_count,
        (count(*) filter (where deliveries.is_within_promise))::double
        / nullif(count(deliveries.is_within_promise), 0) as hit_rate,
        avg(deliveries.days_after_promise)::double as bias_days,
        stddev_samp(deliveries.days_after_promise) as days_after_promise_std_days,
        avg(deliveries.lead_time_days)::double as lead_time_mean_days,
        avg(deliveries.promised_days)::double as promised_mean_days,
        avg(deliveries.published_p85_days)::double as published_p85_mean_days,
        count(deliveries.is_within_published_p85)::integer as published_lines_count,
        (count(*) filter (where deliveries.is_within_published_p85))::double
        / nullif(count(deliveries.is_within_published_p85), 0) as published_p85_coverage,
        {{ pinball_loss(
            'deliveries.lead_time_days', 'deliveries.published_p85_days', 'deliveries.published_quantile'
        ) }} as published_p85_loss_days,
        {{ pinball_loss(
            'deliveries.lead_time_days', 'deliveries.promised_days', 'deliveries.published_quantile'
        ) }} as promise_loss_days,
        (count(*) filter (where deliveries.is_overdue))::integer as overdue_lines_count,
        coalesce(sum(deliveries.open_value_brl) filter (where deliveries.is_overdue), 0)::decimal(18, 2)
            as overdue_value_brl,
        max(deliveries.days_overdue)::integer as longest_overdue_days
    from deliveries
    group by deliveries.supplier_id

)

select
    as_of.as_of_on,
    coalesce(suppliers.supplier_key, 'unknown') as supplier_key,
    judged.supplier_id,
    coalesce(suppliers.supplier_name, 'Fornecedor sem cadastro') as supplier_name,

    judged.received_lines_count,
    judged.judged_lines_count,
    judged.kept_lines_count,
    judged.hit_rate,

    judged.bias_days,
    round(judged.days_after_promise_std_days, 9) as days_after_promise_std_days,
    judged.lead_time_mean_days,
    judged.promised_mean_days,

    round(judged.published_p85_mean_days, 9) as published_p85_mean_days,
    judged.published_lines_count,
    judged.published_p85_coverage,
    round(judged.published_p85_loss_days, 9) as published_p85_loss_days,
    round(judged.promise_loss_days, 9) as promise_loss_days,

    judged.overdue_lines_count,
    judged.overdue_value_brl,
    judged.longest_overdue_days
from judged
cross join as_of
left join suppliers
    on judged.supplier_id = suppliers.supplier_id
