-- Grain: one row per item, stocking location, origin, target and model. Nothing is additive over origins, targets or
-- models: horizons overlap. Within one origin and one model, units of one item are additive over locations.
-- What every model expected, the warehouse's own challenger among them, beside what the field asked for in the end.
-- Incremental by forecast: a row is written anew when its demand becomes known or is corrected, when it was delivered
-- again or the challenger expects something else after late rows, or when its item or location becomes known, so any
-- order of arrival gives the content of a full refresh.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=[
            'item_id', 'location_id', 'origin_on', 'target_on', 'forecast_source', 'forecast_model_version'
        ],
        on_schema_change='fail',
        pre_hook='{{ delete_forecasts_taken_back() }}',
        meta={'gold_order_by': [
            'origin_on', 'item_id', 'location_id', 'target_on', 'forecast_source', 'forecast_model_version'
        ]}
    )
}}

with

follow_up as (

    select *
    from {{ ref('int_forecasts__follow_up') }}

),

items as (

    select *
    from {{ ref('int_items__history') }}

),

locations as (

    select *
    from {{ ref('dim_locations') }}

),

keyed as (

    select
        coalesce(items.version_key, 'unknown') as item_key,
        coalesce(locations.location_key, 'unknown') as location_key,
        follow_up.item_id,
        follow_up.location_id,

        follow_up.forecast_source,
        follow_up.forecast_model_version,
        follow_up.training_dataset_id,
        follow_up.is_challenger,

        follow_up.horizon_days,
        follow_up.horizon_group,
        follow_up.forecast_units,
        follow_up.interval_lower_units,
        follow_up.interval_upper_units,
        follow_up.q50_units,
        follow_up.q80_units,
        follow_up.q90_units,
        follow_up.q95_units,
        follow_up.q98_units,
        follow_up.q99_units,
        follow_up.actual_units,
        follow_up.naive_scale_units,
        follow_up.naive_mean_square,

        follow_up.origin_on,
        follow_up.target_on,
        follow_up.generated_at,
        follow_up.extracted_at as source_extracted_at
    from follow_up
    left join items
        on
            follow_up.item_id = items.item_id
            and follow_up.origin_on >= items.valid_from_on
            and follow_up.origin_on < items.valid_to_on
    left join locations
        on follow_up.location_id = locations.location_id

)

select *
from keyed
{% if is_incremental() %}
where
    not exists (
        select 1
        from {{ this }} as facts
        where
            facts.item_id = keyed.item_id
            and facts.location_id = keyed.location_id
            and facts.origin_on = keyed.origin_on
            and facts.target_on = keyed.target_on
            and facts.forecast_source = keyed.forecast_source
            and facts.forecast_model_version = keyed.forecast_model_version
            and facts.item_key = keyed.item_key
            and facts.location_key = keyed.location_key
            and facts.forecast_units is not distinct from keyed.forecast_units
            and facts.interval_lower_units is not distinct from keyed.interval_lower_units
            and facts.interval_upper_units is not distinct from keyed.interval_upper_units
            and facts.q50_units is not distinct from keyed.q50_units
            and facts.q80_units is not distinct from keyed.q80_units
            and facts.q90_units is not distinct from keyed.q90_units
            and facts.q95_units is not distinct from keyed.q95_units
            and facts.q98_units is not distinct from keyed.q98_units
            and facts.q99_units is not distinct from keyed.q99_units
            and facts.actual_units is not distinct from keyed.actual_units
            and facts.naive_scale_units is not distinct from keyed.naive_scale_units
            and facts.naive_mean_square is not distinct from keyed.naive_mean_square
            and facts.generated_at is not distinct from keyed.generated_at
            and facts.source_extracted_at is not distinct from keyed.source_extracted_at
    )
{% endif %}
