{#- When a row was found missing. dbt takes the clock of the machine; here it is the start of the day of the table
    that no longer held the row, so that a snapshot gives the same history whenever it runs. -#}
{% macro duckdb__snapshot_get_time() -%}
(
    select coalesce(max({{ start_of_bahia_day('snapshot_on') }}), current_timestamp)
    from ({{ model['compiled_code'] or model['raw_code'] }}) as snapshot_source
)
{%- endmacro %}
