-- A bronze table that nobody reports on could go stale without anyone seeing it.
{%- set sources = graph.sources.values() | sort(attribute='unique_id') if execute else [] %}

with

expected as (

    {% for node in sources %}
        select
            '{{ node.source_name }}' as source_name,
            '{{ node.name }}' as table_name
        {{ 'union all' if not loop.last }}
    {% else %}
        select
            'none' as source_name,
            'none' as table_name
    {% endfor %}

)

select
    expected.source_name,
    expected.table_name
from expected
left join {{ ref('rpt_data_freshness') }} as report
    on
        expected.source_name = report.source_name
        and expected.table_name = report.table_name
where report.table_name is null
