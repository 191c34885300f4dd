{% macro touched_stock_pairs() -%}
select
    touched.item_id,
    touched.location_id,
    min(touched.start_on) as start_on
from (
    select
        moved.item_id,
        moved.location_id,
        moved.moved_on as start_on
    from (
        {{ rows_that_differ(ref('int_inventory__net_movements_daily'), stock_movements_built_from()) }}
    ) as moved
    union all
    select
        pairs.item_id,
        pairs.location_id,
        members.start_on
    from (
        {{ rows_that_differ('(' ~ stock_members() ~ ')', stock_members_built_from()) }}
    ) as members
    inner join (
        select distinct
            item_id,
            location_id
        from {{ ref('int_inventory__net_movements_daily') }}
    ) as pairs
        on
            (members.member_kind = 'item' and members.member_id = pairs.item_id)
            or (members.member_kind = 'location' and members.member_id = pairs.location_id)
) as touched
group by touched.item_id, touched.location_id
{%- endmacro %}
