-- Grain: one row per table of the lake, tables without data included. Not additive.
-- How old what we know is: the first question of anyone who doubts a number.
{{ config(meta={'gold_order_by': ['source_name', 'table_name']}) }}

with

tables as (

    select *
    from {{ ref('int_freshness__measure_tables') }}

)

select
    source_name,
    table_name,
    source_label,
    is_judged,

    latest_data_on,
    landed_at,

    row_count,
    dataset_count,

    as_of_on,
    age_days,
    expected_age_days,
    read_within_hours
from tables
