-- One row per municipality, operator, generation and month. accesses_count is additive over all but months.
-- Accesses without a readable municipality code have the code `unknown`: 232 names belong to municipalities of several
-- states, so a name never stands in for a code.
{{ config(materialized='table') }}

with

accesses as (

    select
        *,
        {{ operator_spelling('operator_name') }} as operator_spelling
    from {{ ref('stg_anatel__mobile_accesses') }}

),

operators as (

    select *
    from {{ ref('mobile_operators') }}

),

technologies as (

    select *
    from {{ ref('mobile_technologies') }}

)

select
    coalesce(accesses.municipality_code, 'unknown') as municipality_code,
    coalesce(operators.operator_name, accesses.operator_spelling, 'unknown') as operator_name,
    coalesce(technologies.generation_name, accesses.generation_name, 'other') as generation_name,
    accesses.month_on,

    coalesce(sum(accesses.accesses_count), 0)::bigint as accesses_count
from accesses
left join operators
    on accesses.operator_spelling = operators.operator_spelling
left join technologies
    on accesses.technology_code = technologies.technology_code
group by all
