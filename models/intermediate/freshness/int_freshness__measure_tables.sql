-- One row per bronze table, tables without data included. row_count counts what staging shows, not what bronze keeps.
{{ config(materialized='table') }}

{#- source, table, staging model, the day its rows are about, the dataset that a row belongs to -#}
{%- set tables = [
    ('erp', 'items', ref('stg_erp__items'), 'snapshot_on', "'items'"),
    ('erp', 'suppliers', ref('stg_erp__suppliers'), bahia_day('extracted_at'), "'suppliers'"),
    ('erp', 'contracts', ref('stg_erp__contracts'), bahia_day('extracted_at'), "'contracts'"),
    ('erp', 'locations', ref('stg_erp__locations'), bahia_day('extracted_at'), "'locations'"),
    ('erp', 'towers', ref('stg_erp__towers'), 'snapshot_on', "'towers'"),
    ('erp', 'inventory', ref('stg_erp__inventory'), 'stock_on', "'inventory'"),
    ('erp', 'requisitions', ref('stg_erp__requisitions'), bahia_day('requested_at'), "'requisitions'"),
    ('erp', 'stock_movements', ref('stg_erp__stock_movements'), bahia_day('moved_at'), "'stock_movements'"),
    ('erp', 'purchase_orders', ref('stg_erp__purchase_orders'), bahia_day('requested_at'), "'purchase_orders'"),
    ('erp', 'receipts', ref('stg_erp__receipts'), bahia_day('received_at'), "'receipts'"),
    ('erp', 'work_orders', ref('stg_erp__work_orders'), bahia_day('opened_at'), "'work_orders'"),
    ('inmet', 'observations', ref('stg_inmet__observations'), 'observed_on', 'station_id'),
    ('inmet', 'stations', ref('stg_inmet__stations'), bahia_day('extracted_at'), "'stations'"),
    ('bacen', 'sgs_observations', ref('stg_bacen__sgs_observations'), 'reference_on', 'series_id'),
    ('bacen', 'ptax_quotes', ref('stg_bacen__ptax_quotes'), 'quoted_on', 'series_id'),
    ('bacen', 'focus_expectations', ref('stg_bacen__focus_expectations'), 'surveyed_on', 'series_id'),
    ('anatel', 'smp_stations', ref('stg_anatel__smp_stations'), 'licensed_on', 'municipality_code'),
    ('anatel', 'mobile_accesses', ref('stg_anatel__mobile_accesses'), 'month_on', 'state_code'),
    ('anatel', 'station_counts', ref('stg_anatel__station_counts'), 'month_on', "'station_counts'"),
    ('calendar', 'holidays', ref('stg_calendar__holidays'), 'holiday_on', "'holidays'"),
    ('suppliers', 'quotes', ref('stg_suppliers__quotes'), 'quoted_on', "'quotes'"),
    ('uploads', 'purchase_lines', ref('stg_uploads__purchase_lines'), 'purchased_on', 'workbook_id'),
    ('forecasts', 'ml_results', ref('stg_forecasts__ml_results'), 'origin_on', 'forecast_source'),
    ('backtest', 'policy_outcomes', ref('stg_backtest__policy_outcomes'), 'last_day_on', 'scenario'),
] -%}

with

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

promises as (

    select *
    from {{ ref('freshness_promises') }}

),

measured as (

    {% for source_name, table_name, relation, data_on, dataset in tables %}
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        max({{ data_on }}) as latest_data_on,
        max(extracted_at) as landed_at,
        count(*) as row_count,
        count(distinct {{ dataset }}) as dataset_count
    from {{ relation }}
    {{- '\n    union all' if not loop.last }}
    {% endfor %}
)

select
    measured.*,
    promises.source_label,
    ' ' || promises.judged_tables || ' ' like '% ' || measured.table_name || ' %' as is_judged,
    promises.read_within_hours,
    promises.expected_age_days,
    as_of.as_of_on,
    -- a calendar or a target rate reaches into the future: that is not older than today
    greatest(as_of.as_of_on - measured.latest_data_on, 0)::integer as age_days
from measured
cross join as_of
left join promises
    on measured.source_name = promises.source_name
