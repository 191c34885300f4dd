{% macro touched_stock_pairs(fact) -%}
select
    touched.item_id,
    touched.location_id,
    min(touched.start_on) as start_on
from (
    -- where a movement that has a newer version stands or stood
    select
        versions.item_id,
        versions.location_id,
        versions.moved_on as start_on
    from {{ ref('int_inventory__movement_versions') }} as versions
    where
        versions.movement_id in (
            select changed.movement_id
            from {{ ref('int_inventory__movement_versions') }} as changed
            where changed.extracted_at > {{ built_until(fact) }}
        )
    union all
    -- a late version of an item changes its value from the day it holds
    select
        facts.item_id,
        facts.location_id,
        items.valid_from_on as start_on
    from {{ fact }} as facts
    inner join {{ ref('int_items__history') }} as items
        on facts.item_id = items.item_id
    where
        facts.stock_on = (select max(last_facts.stock_on) from {{ fact }} as last_facts)
        and not items.is_first
        and items.extracted_at > {{ built_until(fact) }}
    union all
    -- a member that was unknown and is known now, or the other way round, changes every day of the pair
    select
        facts.item_id,
        facts.location_id,
        {{ beginning_of_time() }}::date as start_on
    from {{ fact }} as facts
    left join (select distinct item_id from {{ ref('int_items__history') }}) as items
        on facts.item_id = items.item_id
    left join {{ ref('dim_locations') }} as locations
        on facts.location_id = locations.location_id
    where
        facts.stock_on = (select max(last_facts.stock_on) from {{ fact }} as last_facts)
        and (
            (facts.item_key = 'unknown') <> (items.item_id is null)
            or facts.location_key <> coalesce(locations.location_key, 'unknown')
        )
) as touched
group by touched.item_id, touched.location_id
{%- endmacro %}
