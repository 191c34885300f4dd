-- One row per version of a requisition line ever landed: the days on which a line stood before and after a correction.
-- Lines that can be duplicates of each other share a line_group, because one decides the class of the other.
with

versions as (

    select *
    from {{ ref('stg_erp__requisition_versions') }}

)

select
    requisition_line_id,
    coalesce(requisition_id || '#' || line_number, requisition_line_id::varchar) as line_group,

    {{ bahia_day('requested_at') }} as demand_on,
    extracted_at
from versions
