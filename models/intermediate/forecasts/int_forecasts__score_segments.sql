-- One row per segment (category of the item) and model of others. Not additive.
-- Whether a model beats the challenger where it matters: on the same questions, by quantile loss in BRL (units weighted
-- by what one costs) origin by origin, and by how often demand stayed within the quantile of the coverage level.
{{ config(materialized='table') }}

with

follow_up as (

    select *
    from {{ ref('int_forecasts__follow_up') }}
    where actual_units is not null

),

items as (

    select *
    from {{ ref('int_items__history') }}
    where is_current

),

settings as (

    select *
    from {{ ref('forecast_settings') }}

),

origins as (

    select *
    from {{ ref('int_forecasts__list_scored_origins') }}

),

scored as (

    select
        items.category_name,
        models.forecast_source,
        models.forecast_model_version,
        models.origin_on,
        items.unit_cost_brl,
        models.actual_units,
        settings.coverage_level,
        models.actual_units <= case settings.coverage_level
            when 0.50 then models.q50_units
            when 0.80 then models.q80_units
            when 0.90 then models.q90_units
            when 0.95 then models.q95_units
            when 0.98 then models.q98_units
            when 0.99 then models.q99_units
        end as is_covered,
        models.q50_units,
        models.q80_units,
        models.q90_units,
        models.q95_units,
        models.q98_units,
        models.q99_units,
        challenger.q50_units as challenger_q50_units,
        challenger.q80_units as challenger_q80_units,
        challenger.q90_units as challenger_q90_units,
        challenger.q95_units as challenger_q95_units,
        challenger.q98_units as challenger_q98_units,
        challenger.q99_units as challenger_q99_units
    from follow_up as models
    cross join settings
    inner join origins
        on models.origin_on = origins.origin_on
    inner join follow_up as challenger
        on
            challenger.is_challenger
            and models.item_id = challenger.item_id
            and models.location_id = challenger.location_id
            and models.origin_on = challenger.origin_on
            and models.target_on = challenger.target_on
    inner join items
        on models.item_id = items.item_id
    where
        not models.is_challenger
        and items.unit_cost_brl > 0

),

by_origin as (

    select
        category_name,
        forecast_source,
        forecast_model_version,
        origin_on,
        count(*) as forecasts_count,
        count(*) filter (where is_covered) as covered_count,
        {{ quantile_loss(
            'actual_units * unit_cost_brl',
            'q50_units * unit_cost_brl',
            'q80_units * unit_cost_brl',
            'q90_units * unit_cost_brl',
            'q95_units * unit_cost_brl',
            'q98_units * unit_cost_brl',
            'q99_units * unit_cost_brl'
        ) }} * count(*) as loss_brl,
        {{ quantile_loss(
            'actual_units * unit_cost_brl',
            'challenger_q50_units * unit_cost_brl',
            'challenger_q80_units * unit_cost_brl',
            'challenger_q90_units * unit_cost_brl',
            'challenger_q95_units * unit_cost_brl',
            'challenger_q98_units * unit_cost_brl',
            'challenger_q99_units * unit_cost_brl'
        ) }} * count(*) as challenger_loss_brl
    from scored
    group by category_name, forecast_source, forecast_model_version, origin_on

),

compared as (

    select
        category_name,
        forecast_source,
        forecast_model_version,
        count(*)::integer as scored_origins_count,
        (count(*) filter (where loss_brl < challenger_loss_brl))::integer as won_origins_count,
        sum(forecasts_count)::integer as scored_forecasts_count,
        sum(covered_count) / sum(forecasts_count) as coverage,
        sum(loss_brl::decimal(38, 6)) / nullif(sum(challenger_loss_brl::decimal(38, 6)), 0) as loss_ratio
    from by_origin
    group by category_name, forecast_source, forecast_model_version

)

select
    compared.category_name,
    compared.forecast_source,
    compared.forecast_model_version,

    compared.scored_origins_count,
    compared.won_origins_count,
    compared.scored_forecasts_count,
    compared.coverage,
    compared.loss_ratio,
    case
        when compared.scored_origins_count < settings.minimum_origins_won
            or compared.scored_forecasts_count < settings.minimum_scored_forecasts then 'too_few_scored'
        when compared.won_origins_count < settings.minimum_origins_won
            or coalesce(compared.loss_ratio >= 1, true) then 'loses_to_challenger'
        when abs(compared.coverage - settings.coverage_level) > settings.coverage_tolerance + 1e-9 then 'coverage_off'
        else 'qualified'
    end as segment_status
from compared
cross join settings
