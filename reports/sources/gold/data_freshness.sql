-- Bronze table: how recent its data are, and whether that is within what the source promises.
-- expected_days is the age at which a reader should ask: a day for the ERP, which is read every night; the release
-- rhythm of each public source for the rest. Tables that look ahead (the calendar) have no age.
with expected (source_name, source_label, expected_days) as (
    values
    ('erp', 'ERP (estoque, compras, requisições)', 1),
    ('inmet', 'INMET (clima)', 3),
    ('bacen', 'Banco Central (dólar, juros, inflação)', 10),
    ('anatel', 'ANATEL (estações 5G)', 62),
    ('calendar', 'Calendário (feriados)', null)
)

select
    fresh.source_name,
    coalesce(expected.source_label, fresh.source_name) as source_label,
    max(fresh.latest_data_on) as latest_data_on,
    max(fresh.landed_at)::timestamp as landed_at,
    sum(fresh.row_count)::bigint as row_count,
    count(*) as table_count,
    min(fresh.age_days) as age_days,
    expected.expected_days,
    case
        when max(fresh.latest_data_on) is null then 'empty'
        when min(fresh.age_days) > expected.expected_days then 'late'
        else 'fresh'
    end as freshness
from gold.rpt_data_freshness as fresh
left join expected on fresh.source_name = expected.source_name
group by fresh.source_name, expected.source_label, expected.expected_days
order by fresh.source_name
