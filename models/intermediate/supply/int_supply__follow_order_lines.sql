-- One row per purchase order line, with what came of it. Units and values are additive.
-- Lead time runs from the purchase request to the last receipt of a completed line, because the request is when the
-- need was known; a line that was ordered before it was requested has no usable lead time.
{{ config(materialized='table') }}

with

order_lines as (

    select *
    from {{ ref('stg_erp__purchase_orders') }}

),

receipts as (

    select
        purchase_order_line_id,
        sum(received_units) as received_units,
        min({{ bahia_day('received_at') }}) as first_received_on,
        max({{ bahia_day('received_at') }}) as last_received_on,
        max(extracted_at) as extracted_at
    from {{ ref('stg_erp__receipts') }}
    group by purchase_order_line_id

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

joined as (

    select
        order_lines.purchase_order_line_id,
        order_lines.purchase_order_id,
        order_lines.line_number,
        coalesce(order_lines.item_id, 'unknown') as item_id,
        coalesce(order_lines.supplier_id, 'unknown') as supplier_id,
        coalesce(order_lines.location_id, 'unknown') as location_id,

        order_lines.order_status,
        coalesce(order_lines.ordered_at < order_lines.requested_at, false) as is_date_inverted,

        order_lines.ordered_units,
        coalesce(receipts.received_units, 0)::decimal(18, 3) as received_units,
        case
            when order_lines.order_status in ('received', 'cancelled') then 0
            else greatest(order_lines.ordered_units - coalesce(receipts.received_units, 0), 0)
        end::decimal(18, 3) as open_units,
        order_lines.unit_price_brl,

        {{ bahia_day('order_lines.requested_at') }} as requested_on,
        {{ bahia_day('order_lines.ordered_at') }} as ordered_on,
        order_lines.promised_on,
        receipts.first_received_on,
        receipts.last_received_on,
        as_of.as_of_on,
        greatest(order_lines.extracted_at, receipts.extracted_at) as source_extracted_at
    from order_lines
    cross join as_of
    left join receipts
        on order_lines.purchase_order_line_id = receipts.purchase_order_line_id

)

select
    * exclude (as_of_on),
    (ordered_units * unit_price_brl)::decimal(18, 2) as order_value_brl,
    case
        when
            order_status = 'received'
            and not is_date_inverted
            and last_received_on >= requested_on
            then (last_received_on - requested_on)::integer
    end as lead_time_days,
    coalesce(open_units > 0 and promised_on < as_of_on, false) as is_overdue,
    case
        when open_units > 0 and promised_on < as_of_on
            then (as_of_on - promised_on)::integer
    end as days_overdue
from joined
