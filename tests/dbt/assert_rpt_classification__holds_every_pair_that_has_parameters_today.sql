-- A pair of the buy list that was never asked for nor ordered has no parameters and no class; every other one has.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_classification'}}}) }}

with

parameters as (

    select
        item_id,
        location_id
    from {{ ref('fact_policy_parameters') }}
    where is_today

),

classes as (

    select
        item_id,
        location_id
    from {{ ref('rpt_classification') }}

)

select
    coalesce(parameters.item_id, classes.item_id) as item_id,
    coalesce(parameters.location_id, classes.location_id) as location_id
from classes
full outer join parameters
    on
        classes.item_id = parameters.item_id
        and classes.location_id = parameters.location_id
where
    parameters.item_id is null
    or classes.item_id is null
