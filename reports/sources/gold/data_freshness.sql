-- Source: how recent its data are, and whether that is within what the source promises.
-- Each source is judged by the tables that must move every time, the slowest of them: a table of events may rightly
-- have none, and a list that is read whole is always new. expected_days is the age at which a reader should ask: a day
-- for the ERP, which is read every night; the release rhythm of each public source for the rest. The calendar looks
-- ahead and has no age.
with expected (source_name, source_label, judged_by, expected_days) as (
    values
    ('erp', 'ERP (estoque, compras, requisições)', ['inventory'], 1),
    ('inmet', 'INMET (clima)', ['observations'], 3),
    ('bacen', 'Banco Central (dólar, juros, inflação)', ['ptax_quotes', 'sgs_observations'], 10),
    ('anatel', 'ANATEL (estações 5G)', ['smp_stations'], 62),
    ('suppliers', 'Cotações de fornecedores', ['quotes'], null),
    ('uploads', 'Planilhas dos compradores', ['purchase_lines'], null),
    ('calendar', 'Calendário (feriados)', ['holidays'], null)
),

tables as (
    select
        fresh.*,
        coalesce(expected.source_label, fresh.source_name) as source_label,
        expected.expected_days,
        coalesce(list_contains(expected.judged_by, fresh.table_name), true) as is_judged
    from gold.rpt_data_freshness as fresh
    left join expected on fresh.source_name = expected.source_name
)

select
    source_name,
    source_label,
    expected_days,
    case
        when expected_days is null then min(latest_data_on) filter (where is_judged)
        -- What was read this morning still describes the last closed day.
        else least(min(latest_data_on) filter (where is_judged), max(as_of_on))
    end as latest_data_on,
    min(landed_at) filter (where is_judged)::timestamp as landed_at,
    sum(row_count)::bigint as row_count,
    max(age_days) filter (where is_judged) as age_days,
    case
        when bool_or(is_judged and latest_data_on is null) then 'empty'
        when max(age_days) filter (where is_judged) > expected_days then 'late'
        else 'fresh'
    end as freshness
from tables
group by source_name, source_label, expected_days
order by source_name
