-- What is marked as known now is what the newest reading of the series says; a wrong interval would serve a revised
-- value.
with

newest as (

    select
        series_id,
        reference_on,
        arg_max(value, extracted_at)::double as value
    from {{ ref('stg_bacen__sgs_observations') }}
    where value is not null
    group by series_id, reference_on

),

facts as (

    select *
    from {{ ref('fact_economy') }}
    where is_latest

)

select
    facts.series_id,
    facts.reference_on,
    facts.value as fact_value,
    newest.value as newest_value
from facts
inner join newest
    on
        facts.series_id = newest.series_id
        and facts.reference_on = newest.reference_on
where facts.value <> newest.value
