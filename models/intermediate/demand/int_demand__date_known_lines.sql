-- One row per requisition line that is or once was demand, and per quantity and day that it had, with the days on
-- which it was known so (known_from_on inclusive, known_to_on exclusive). Units are additive over what is known on one
-- day.
-- Planning as of a day may use only what had been entered by then: a line entered late is not known before, one that
-- was cancelled later was demand until then, and one that was corrected later had its earlier quantity. What a line was
-- before its first reading is not known; a line that the ERP deleted is taken never to have been there.
{{ config(materialized='table') }}

with

lines as (

    select *
    from {{ ref('int_demand__classify_lines') }}
    where
        line_class = 'demand'
        or (line_class = 'cancelled' and not is_service and requested_units > 0)

),

versions as (

    select
        *,
        {{ bahia_day('requested_at') }} as requested_on,
        coalesce(updated_at, extracted_at) as changed_at
    from {{ ref('stg_erp__requisition_versions') }}
    where not is_deleted

),

line_histories as (

    select
        requisition_line_id,
        min(created_at) as created_at,
        min(changed_at) filter (where requisition_status = 'cancelled') as cancelled_at,
        min(requested_units) <> max(requested_units) or min(requested_on) <> max(requested_on) as is_corrected
    from versions
    group by requisition_line_id

),

-- greatest skips NULL: a line without a time of entry was known when it was asked
dated as (

    select
        lines.requisition_line_id,
        lines.item_id,
        lines.location_id,
        lines.requested_units,
        lines.requested_on,
        line_histories.is_corrected,
        greatest(lines.requested_on, {{ bahia_day('line_histories.created_at') }}) as known_from_on,
        case
            when lines.line_class = 'cancelled' then {{ bahia_day('line_histories.cancelled_at') }}
            else {{ end_of_time() }}::date
        end as known_to_on
    from lines
    inner join line_histories
        on lines.requisition_line_id = line_histories.requisition_line_id

),

corrections as (

    select
        dated.requisition_line_id,
        dated.item_id,
        dated.location_id,
        versions.requested_units,
        versions.requested_on,
        dated.known_from_on as line_known_from_on,
        dated.known_to_on as line_known_to_on,
        case
            when row_number() over in_order_read = 1 then dated.known_from_on
            else {{ bahia_day('versions.changed_at') }}
        end as version_from_on,
        lead({{ bahia_day('versions.changed_at') }}) over in_order_read as version_to_on
    from dated
    inner join versions
        on dated.requisition_line_id = versions.requisition_line_id
    where dated.is_corrected
    window in_order_read as (
        partition by versions.requisition_line_id
        order by versions.extracted_at
    )

),

known as (

    select
        requisition_line_id,
        item_id,
        location_id,
        requested_units,
        requested_on as demand_on,
        known_from_on,
        known_to_on
    from dated
    where not is_corrected
    union all
    select
        requisition_line_id,
        item_id,
        location_id,
        requested_units,
        requested_on as demand_on,
        greatest(version_from_on, requested_on) as known_from_on,
        least(version_to_on, line_known_to_on) as known_to_on
    from corrections
    where requested_units > 0

)

select *
from known
where known_from_on < known_to_on
