-- One row per day: when the newest of the rows was read that can change what was known at its close. Not additive.
-- A row is known from the day it was entered, a later version of it from the day it was changed. Where a later version
-- replaces what was known before (a deletion, another item or location, a corrected receipt), it counts from the start.
{{ config(materialized='table') }}

with

requisitions as (

    select
        *,
        coalesce({{ bahia_day('created_at') }}, {{ bahia_day('requested_at') }}) as created_on
    from {{ ref('stg_erp__requisition_versions') }}

),

requisition_histories as (

    select
        requisition_line_id,
        min(extracted_at) as first_extracted_at,
        bool_or(is_deleted)
        or coalesce(min(item_id) <> max(item_id), false)
        or coalesce(min(location_id) <> max(location_id), false)
        or coalesce(min(tower_id) <> max(tower_id), false)
        or count(location_id) not in (0, count(*))
        or count(tower_id) not in (0, count(*)) as is_rewritten
    from requisitions
    group by requisition_line_id

),

orders as (

    select
        *,
        least({{ bahia_day('created_at') }}, {{ bahia_day('requested_at') }}) as created_on
    from {{ ref('stg_erp__purchase_order_versions') }}

),

order_histories as (

    select
        purchase_order_line_id,
        min(extracted_at) as first_extracted_at,
        bool_or(is_deleted) or count(*) filter (where order_status = 'received') > 1 as is_rewritten
    from orders
    group by purchase_order_line_id

),

receipts as (

    select *
    from {{ ref('stg_erp__receipt_versions') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}

),

suppliers as (

    select *
    from {{ ref('int_suppliers__history') }}

),

item_starts as (

    select
        item_id,
        min(known_from_on) as known_from_on
    from {{ ref('int_planning__list_pairs') }}
    group by item_id

),

supplier_starts as (

    select
        items.supplier_id,
        min(item_starts.known_from_on) as known_from_on
    from items
    inner join item_starts
        on items.item_id = item_starts.item_id
    group by items.supplier_id

),

changes as (

    select
        case
            when requisition_histories.is_rewritten then requisitions.created_on
            when requisitions.extracted_at = requisition_histories.first_extracted_at then requisitions.created_on
            else coalesce({{ bahia_day('requisitions.updated_at') }}, {{ bahia_day('requisitions.extracted_at') }})
        end as known_on,
        requisitions.extracted_at
    from requisitions
    inner join requisition_histories
        on requisitions.requisition_line_id = requisition_histories.requisition_line_id
    union all
    select
        case
            when order_histories.is_rewritten then orders.created_on
            when orders.extracted_at = order_histories.first_extracted_at then orders.created_on
            else coalesce({{ bahia_day('orders.updated_at') }}, {{ bahia_day('orders.extracted_at') }})
        end as known_on,
        orders.extracted_at
    from orders
    inner join order_histories
        on orders.purchase_order_line_id = order_histories.purchase_order_line_id
    union all
    select
        least({{ bahia_day('received_at') }}, {{ bahia_day('created_at') }}) as known_on,
        extracted_at
    from receipts
    union all
    select
        case when items.is_first then item_starts.known_from_on else items.valid_from_on end as known_on,
        items.extracted_at
    from items
    inner join item_starts
        on items.item_id = item_starts.item_id
    union all
    select
        case when suppliers.is_first then supplier_starts.known_from_on else suppliers.valid_from_on end as known_on,
        suppliers.extracted_at
    from suppliers
    inner join supplier_starts
        on suppliers.supplier_id = supplier_starts.supplier_id

)

select
    known_on,
    max(extracted_at) as extracted_at
from changes
where known_on is not null
group by known_on
