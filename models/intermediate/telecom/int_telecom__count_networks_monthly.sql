-- One row per municipality, operator, generation and month, for the months whose accesses or panel counts are known and
-- for the last month of the register. Counts are stocks, not additive over months; a site counts in each generation.
-- NULL = not published for that municipality and month, 0 = published without it.
{{ config(materialized='table') }}

with

stations as (

    select
        *,
        date_trunc('month', first_licensed_on)::date as first_month_on
    from {{ ref('int_telecom__identify_stations') }}

),

accesses as (

    select *
    from {{ ref('int_telecom__sum_accesses_monthly') }}

),

panel as (

    select *
    from {{ ref('stg_anatel__station_counts') }}
    where municipality_code is not null

),

operators as (

    select *
    from {{ ref('mobile_operators') }}

),

panel_by_generation as (

    {% for generation in ['2G', '3G', '4G', '5G'] %}
    select
        panel.municipality_code,
        coalesce(operators.operator_name, {{ operator_spelling('panel.operator_name') }}, 'unknown') as operator_name,
        '{{ generation }}' as generation_name,
        panel.month_on,
        panel.stations_{{ generation | lower }}_count as stations_count
    from panel
    left join operators
        on {{ operator_spelling('panel.operator_name') }} = operators.operator_spelling
    where panel.stations_{{ generation | lower }}_count is not null
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

published as (

    select
        municipality_code,
        operator_name,
        generation_name,
        month_on,
        sum(stations_count)::integer as published_stations_count
    from panel_by_generation
    group by all

),

register as (

    select max(first_month_on) as last_month_on
    from stations

),

covered as (

    select distinct municipality_code
    from stations

),

access_months as (

    select distinct
        municipality_code,
        month_on
    from accesses

),

months as (

    select *
    from access_months
    union
    select
        municipality_code,
        month_on
    from published
    union
    select
        covered.municipality_code,
        register.last_month_on as month_on
    from covered
    cross join register

),

counted as (

    select
        months.municipality_code,
        stations.operator_name,
        stations.generation_name,
        months.month_on,
        count(*) as stations_count
    from months
    inner join stations
        on
            months.municipality_code = stations.municipality_code
            and months.month_on >= stations.first_month_on
    where months.month_on <= (select register.last_month_on from register)
    group by all

),

keys as (

    select
        municipality_code,
        operator_name,
        generation_name,
        month_on
    from counted
    union
    select
        municipality_code,
        operator_name,
        generation_name,
        month_on
    from accesses
    union
    select
        municipality_code,
        operator_name,
        generation_name,
        month_on
    from published

)

select
    keys.municipality_code,
    keys.operator_name,
    keys.generation_name,
    keys.month_on,

    case
        when covered.municipality_code is not null and keys.month_on <= register.last_month_on
            then coalesce(counted.stations_count, 0)
    end::integer as stations_count,
    published.published_stations_count,
    case
        when access_months.municipality_code is not null then coalesce(accesses.accesses_count, 0)
    end::bigint as accesses_count
from keys
cross join register
left join covered
    on keys.municipality_code = covered.municipality_code
left join access_months
    on
        keys.municipality_code = access_months.municipality_code
        and keys.month_on = access_months.month_on
left join counted
    on
        keys.municipality_code = counted.municipality_code
        and keys.operator_name = counted.operator_name
        and keys.generation_name = counted.generation_name
        and keys.month_on = counted.month_on
left join accesses
    on
        keys.municipality_code = accesses.municipality_code
        and keys.operator_name = accesses.operator_name
        and keys.generation_name = accesses.generation_name
        and keys.month_on = accesses.month_on
left join published
    on
        keys.municipality_code = published.municipality_code
        and keys.operator_name = published.operator_name
        and keys.generation_name = published.generation_name
        and keys.month_on = published.month_on
