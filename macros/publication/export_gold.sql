{#- Ordered, so that equal content gives equal bytes; the checksums of two publications can then be compared. -#}
{% macro export_gold(directory) -%}
{%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='name')
            if node.resource_type == 'model' and 'marts' in node.fqn -%}
{%- set order_by = node.config.meta.get('gold_order_by') -%}
{%- if not order_by -%}
                {{ exceptions.raise_compiler_error(node.name ~ ' has no config.meta.gold_order_by') }}
            {%- endif -%}
            {%- set relation = adapter.get_relation(node.database, node.schema, node.alias) -%}
            {%- if relation is none -%}
                {{ exceptions.raise_compiler_error(node.name ~ ' is not built: run dbt build first') }}
            {%- endif -%}
            {%- set path = directory.rstrip('/') ~ '/' ~ node.name ~ '/part-0.parquet' -%}
            {%- call statement('export_' ~ node.name, auto_begin=false) -%}
                copy (
                    select *
                    from {{ relation }}
                    order by {{ order_by | join(', ') }}
                ) to '{{ path | replace("'", "''") }}' (format parquet, compression zstd)
            {%- endcall -%}
            {{ log('exported ' ~ node.name, info=true) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
