{% macro touched_demand_days(fact) -%}
-- days on which a line that has a newer version stands or stood
select versions.demand_on
from {{ ref('int_demand__line_versions') }} as versions
where
    versions.line_group in (
        select changed.line_group
        from {{ ref('int_demand__line_versions') }} as changed
        where changed.extracted_at > {{ built_until(fact) }}
    )
union distinct
-- days that a late version of an item or of a tower covers
select lines.requested_on as demand_on
from {{ ref('int_demand__classify_lines') }} as lines
inner join {{ ref('int_items__history') }} as items
    on
        lines.item_id = items.item_id
        and lines.requested_on >= items.valid_from_on
where
    not items.is_first
    and items.extracted_at > {{ built_until(fact) }}
union distinct
select lines.requested_on as demand_on
from {{ ref('int_demand__classify_lines') }} as lines
inner join {{ ref('int_towers__history') }} as towers
    on
        lines.tower_id = towers.tower_id
        and lines.requested_on >= towers.valid_from_on
where
    not towers.is_first
    and towers.extracted_at > {{ built_until(fact) }}
union distinct
-- days with a member that was unknown and is known now, or the other way round
select facts.demand_on
from {{ fact }} as facts
left join (select distinct item_id from {{ ref('int_items__history') }}) as items
    on facts.item_id = items.item_id
left join {{ ref('dim_locations') }} as locations
    on facts.location_id = locations.location_id
left join {{ ref('dim_towers') }} as towers
    on facts.tower_id = towers.tower_id
where
    (facts.item_key = 'unknown') <> (items.item_id is null)
    or facts.location_key <> coalesce(locations.location_key, 'unknown')
    or facts.tower_key <> coalesce(towers.tower_key, 'unknown')
{%- endmacro %}
