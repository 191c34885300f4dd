-- One row per workbook. Counts are additive.
-- What a buyer should look at in a workbook: lines that stand there twice, run backwards, or name what nobody knows.
with

lines as (

    select *
    from {{ ref('int_uploads__classify_lines') }}

)

select
    workbook_id,

    count(*) as lines_count,
    count(*) filter (where is_service) as service_lines_count,
    count(*) filter (where duplicate_count > 1) as duplicate_lines_count,
    count(*) filter (where is_date_inverted) as inverted_lines_count,
    count(*) filter (where not is_unit_known) as unknown_unit_lines_count,
    count(*) filter (where not is_item_known and not is_service) as unknown_item_lines_count,
    count(*) filter (where has_lost_zeros) as lost_zeros_lines_count,
    min(request_to_purchase_days) as shortest_request_to_purchase_days,

    max(extracted_at) as extracted_at
from lines
group by workbook_id
