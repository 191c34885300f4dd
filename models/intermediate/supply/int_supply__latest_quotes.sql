-- One row per item and supplier with a usable quote: the newest of them. Not additive.
-- What a supplier asks for an item today, in reais and days.
{{ config(materialized='table') }}

with

usable as (

    select *
    from {{ ref('int_supply__judge_quotes') }}
    where is_usable

)

select
    item_id,
    supplier_id,
    quote_id,

    currency_code,

    unit_price,
    unit_price_brl,
    minimum_order_units,
    pack_size_units,
    lead_time_days,

    quoted_on,
    valid_until_on,
    extracted_at
from usable
qualify
    row_number() over (
        partition by item_id, supplier_id
        order by quoted_on desc, updated_at desc, quote_id desc
    ) = 1
