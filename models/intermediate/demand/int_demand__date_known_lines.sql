-- One row per requisition line that is or once was demand, with the days on which it was known as such (known_from_on
-- inclusive, known_to_on exclusive). Units are additive over the lines known on one day.
-- Planning as of a day may use only what had been entered by then: a line entered late is not known before, and one
-- that was cancelled later was demand until then.
with

lines as (

    select *
    from {{ ref('int_demand__classify_lines') }}
    where
        line_class = 'demand'
        or (line_class = 'cancelled' and not is_service and requested_units > 0)

),

requisitions as (

    select *
    from {{ ref('stg_erp__requisitions') }}

),

dated as (

    select
        lines.requisition_line_id,
        lines.item_id,
        lines.location_id,

        lines.requested_units,

        lines.requested_on as demand_on,
        -- greatest skips NULL: a line without a time of entry was known when it was asked
        greatest(lines.requested_on, {{ bahia_day('requisitions.created_at') }}) as known_from_on,
        case
            when lines.line_class = 'cancelled' then {{ bahia_day('requisitions.updated_at') }}
            else {{ end_of_time() }}::date
        end as known_to_on
    from lines
    inner join requisitions
        on lines.requisition_line_id = requisitions.requisition_line_id

)

select *
from dated
where known_from_on < known_to_on
