-- The value quirks of the feeds, one by one: what a parser gets wrong here becomes weather, rates or stations that
-- never were.
with

cases as (

    {%- set cases = [
        ('INMET omits the zero', decimal_from_text("',8'"), '0.800000'),
        ('and before a minus sign', decimal_from_text("'-,8'"), '-0.800000'),
        ('decimal comma', decimal_from_text("'1012,9'"), '1012.900000'),
        ('no decimals', decimal_from_text("'1014'"), '1014.000000'),
        ('decimal point: 1.0 is one, not ten', decimal_from_text("'1.0'"), '1.000000'),
        ('a true zero stays a zero', decimal_from_text("'0'"), '0.000000'),
        ('missing until 2018', decimal_from_text("'-9999'"), 'null'),
        ('missing since 2019', decimal_from_text("''"), 'null'),
        ('blank', decimal_from_text("'  '"), 'null'),
        ('null', decimal_from_text('null::varchar'), 'null'),
        ('the word null', decimal_from_text("'null'"), 'null'),
        ('NA', decimal_from_text("'NA'"), 'null'),
        ('spreadsheet error instead of a number', decimal_from_text("'#N/A'"), 'null'),
        ('slashes instead of a number', decimal_from_text("'/////'"), 'null'),
        ('NaN is no place', decimal_from_text("'NaN'", 'double'), 'null'),
        ('coordinate', decimal_from_text("'-38,7654321'", 'double'), '-38.7654321'),
        ('damage is not a number', decimal_from_text("'-2,197,972,221'"), 'null'),

        ('damage is told from a missing value', is_damaged_number("'-2,197,972,221'"), 'true'),
        ('a mark for missing is no damage', is_damaged_number("'/////'"), 'false'),
        ('NULL is no damage', is_damaged_number('null::varchar'), 'false'),
        ('a number is no damage', is_damaged_number("',8'"), 'false'),

        ('Salvador to Aracaju', 'round(' ~ distance_km(-13.005515, -38.50576, -10.9525, -37.05444444) ~ ')', '278.0'),
        ('nowhere is nowhere', distance_km('null::double', 0, 0, 0), 'null'),

        ('ISO date', date_from_text("'2022-11-01'"), '2022-11-01'),
        ('archive date', date_from_text("'2019/01/01'"), '2019-01-01'),
        ('Brazilian date', date_from_text("'04/01/2016'"), '2016-01-04'),
        ('date with a time', date_from_text("'2008-07-20T21:00:00.000-03:00'"), '2008-07-20'),
        ('no date', date_from_text("'NA'"), 'null'),

        ('seven digits', municipality_code("'2927408'"), '2927408'),
        ('six digits: Salvador', municipality_code("'292740'"), '2927408'),
        ('six digits: São Paulo', municipality_code("'355030'"), '3550308'),
        ('six digits: Natal', municipality_code("'240810'"), '2408102'),
        ('six digits, an irregular code: Bom Princípio do Piauí', municipality_code("'220191'"), '2201919'),
        ('not a code', municipality_code("'29274'"), 'null'),
        ('no code', municipality_code('null::varchar'), 'null'),

        ('no code with a letter for a digit', municipality_code("'29274O8'"), 'null'),

        ('text stays, trimmed', known_text("' Salvador '"), 'Salvador'),
        ('not identified', known_text("'NÃO IDENTIFICADA'"), 'null'),
        ('not identified, without the accent', known_text("'nao identificada'"), 'null'),
        ('not available', known_text("'NA'"), 'null'),
        ('spreadsheet error', known_text("'#N/A'"), 'null'),
        ('slashes', known_text("'/////'"), 'null'),
        ('the word null', known_text("'null'"), 'null'),
        ('masked CNPJ', cnpj("'12.345.678/0001-90'"), '12345678000190'),
        ('bare CNPJ', cnpj("' 12345678000190 '"), '12345678000190'),
        ('CNPJ with letters', cnpj("'12.abc.345/01de-35'"), '12ABC34501DE35'),
        ('CNPJ with hidden digits', cnpj("'**.345.678/0001-**'"), 'null'),
        ('CNPJ that lost its leading zero', cnpj("'191'"), 'null'),
        ('no CNPJ', cnpj('null::varchar'), 'null'),
        ('sim', yes_or_no("'sim'"), 'true'),
        ('não, with and without the accent', yes_or_no("'NAO'"), 'false'),
        ('neither yes nor no', yes_or_no("'NA'"), 'null'),
        ('blank is not no', yes_or_no("''"), 'null'),

        ('operator with an accent', operator_spelling("'TELEFÔNICA BRASIL S.A.'"), 'TELEFONICA BRASIL'),
        ('operator in title case', operator_spelling("'Telefonica Brasil S.a.'"), 'TELEFONICA BRASIL'),
        ('operator with spaces for points', operator_spelling("'TIM S A'"), 'TIM'),
        ('operator with a stroke', operator_spelling("'UNIFIQUE TELECOMUNICACOES S/A'"), 'UNIFIQUE TELECOMUNICACOES'),
        ('operator with an exclamation mark', operator_spelling("'IEZ! TELECOM LTDA.'"), 'IEZ TELECOM'),
        ('a legal form inside the name stays', operator_spelling("'SA MOBILE'"), 'SA MOBILE'),

        ('midnight UTC is the evening before', bahia_day("timestamptz '2026-01-02 00:00:00+00'"), '2026-01-01'),
        ('03:00 UTC is midnight in Salvador', bahia_day("timestamptz '2026-01-02 03:00:00+00'"), '2026-01-02'),
        ('a Bahia day begins at 03:00 UTC',
            start_of_bahia_day("date '2026-01-02'") ~ " = timestamptz '2026-01-02 03:00:00+00'", 'true'),

        ('thousands and decimals', number_in_portuguese(1234567.891, 2), '1.234.567,89'),
        ('negative', number_in_portuguese(-1234.5, 1), '-1.234,5'),
        ('whole quantity', quantity_in_portuguese('12.000::decimal(18, 3)'), '12'),
        ('fraction of a quantity', quantity_in_portuguese('1234.560::decimal(18, 3)'), '1.234,6'),
        ('unknown number', number_in_portuguese('null', 2), 'null'),
        ('date', date_in_portuguese("date '2026-11-05'"), '05/11/2026'),
    ] %}
    {%- for name, actual, expected in cases %}
    select
        '{{ name }}' as case_name,
        ({{ actual }})::varchar as actual,
        {{ 'null' if expected == 'null' else "'" ~ expected ~ "'" }} as expected
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

)

select *
from cases
where actual is distinct from expected
