-- One row per month, municipality, operator, area code, payment, technology, person and product: mobile accesses
-- (subscriptions). A key that the file splits over several rows is added up (`source_row_count`), never deduplicated.
-- Vintages: each month of each state stands as its newest publication has it. A month that was published anew and is
-- smaller is a revision and replaces the older one, which bronze keeps; a file that lacks a month leaves it as it was.
-- A publication is landed whole or not at all: its checksum and its line count are verified first.
with

source as (

    select *
    from {{ source('anatel', 'mobile_accesses') }}
    where {{ latest_per_key(source('anatel', 'mobile_accesses'), 'year, month, _dataset_id') }}

),

renamed as (

    select
        make_date(year, month, 1) as month_on,

        {{ municipality_code('"Código IBGE Município"') }} as municipality_code,
        regexp_replace({{ known_text('"Município"') }}, '\s+-\s+[A-Za-z]{2}$', '') as municipality_name,
        {{ known_text('upper(uf)') }} as state_code,
        {{ known_text('"Código Nacional"') }} as area_code,
        {{ known_text('empresa') }} as operator_name,
        {{ known_text('"Grupo Econômico"') }} as group_name,
        {{ known_text('upper(tecnologia)') }} as technology_code,
        {{ known_text('upper("Tecnologia Geração")') }} as generation_name,
        {{ known_text('"Modalidade de Cobrança"') }} as payment_name,
        {{ known_text('"Tipo de Pessoa"') }} as person_name,
        {{ known_text('"Tipo de Produto"') }} as product_name,

        {{ decimal_from_text('acessos', 'decimal(18, 3)') }} as accesses,
        _extracted_at as extracted_at
    from source

),

checked as (

    select
        *,
        -- `1.0` is one; a fraction or a negative count is damage
        accesses is not null and accesses >= 0 and accesses = trunc(accesses) as is_count_valid
    from renamed

)

select
    month_on,
    municipality_code,
    municipality_name,
    state_code,
    area_code,
    operator_name,
    group_name,
    technology_code,
    generation_name,
    payment_name,
    person_name,
    product_name,

    sum(case when is_count_valid then accesses end)::bigint as accesses_count,
    count(*) as source_row_count,
    bool_and(is_count_valid) as is_count_valid,
    municipality_code is not null as is_municipality_known,

    max(extracted_at) as extracted_at
from checked
group by all
