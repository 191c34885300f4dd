-- One row per completed order line with a usable lead time, with the day on which it was known. Not additive.
with

order_lines as (

    select *
    from {{ ref('int_supply__follow_order_lines') }}
    where lead_time_days is not null

),

receipts as (

    select
        purchase_order_line_id,
        max(greatest({{ bahia_day('received_at') }}, {{ bahia_day('created_at') }})) as known_from_on
    from {{ ref('stg_erp__receipts') }}
    group by purchase_order_line_id

)

select
    order_lines.purchase_order_line_id,
    order_lines.item_id,
    order_lines.supplier_id,

    order_lines.lead_time_days,

    order_lines.requested_on,
    receipts.known_from_on
from order_lines
inner join receipts
    on order_lines.purchase_order_line_id = receipts.purchase_order_line_id
