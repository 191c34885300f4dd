-- Grain: one row per level (total, category, family, item, location, horizon), member of that level and model. Nothing
-- is additive. Only forecasts whose demand is known, of origins of the last year.
-- Was the forecast right, and was it worth having: errors, quantile losses and coverage, and what the model adds over
-- the challenger on the same questions.
-- Means of ratios are added up with compensation and rounded to nine digits, so that the order in which threads add
-- does not show, but where the tenth digit is a five and the last.
{{ config(meta={'gold_order_by': ['level_name', 'member_id', 'forecast_source', 'forecast_model_version']}) }}

with

forecasts as (

    select *
    from {{ ref('fact_forecasts') }}
    where actual_units is not null

),

items as (

    select *
    from {{ ref('dim_items') }}

),

origins as (

    select *
    from {{ ref('int_forecasts__list_scored_origins') }}

),

scored as (

    select
        models.*,
        items.category_name,
        items.category_name || ' / ' || items.family_name as family_id,
        challenger.q50_units as challenger_q50_units,
        challenger.q80_units as challenger_q80_units,
        challenger.q90_units as challenger_q90_units,
        challenger.q95_units as challenger_q95_units,
        challenger.q98_units as challenger_q98_units,
        challenger.q99_units as challenger_q99_units,
        challenger.item_id is not null as is_challenged
    from forecasts as models
    inner join origins
        on models.origin_on = origins.origin_on
    left join forecasts as challenger
        on
            challenger.is_challenger
            and models.item_id = challenger.item_id
            and models.location_id = challenger.location_id
            and models.origin_on = challenger.origin_on
            and models.target_on = challenger.target_on
    left join items
        on models.item_key = items.item_key

),

{% set members = {
    'total': "'all'", 'category': 'category_name', 'family': 'family_id', 'item': 'item_id', 'location': 'location_id',
    'horizon': 'horizon_group'
} -%}
grouped as (

    {% for level_name, member in members.items() %}
    select
        '{{ level_name }}' as level_name,
        {{ member }} as member_id,
        *
    from scored
    where {{ member }} is not null
    {{- '\n    union all' if not loop.last }}
    {% endfor %}
),

measured as (

    select
        level_name,
        member_id,
        forecast_source,
        forecast_model_version,
        is_challenger,

        count(*)::integer as forecasts_count,
        count(distinct origin_on)::integer as origins_count,
        count(distinct concat_ws('|', item_id, location_id))::integer as series_count,
        min(origin_on) as first_origin_on,
        max(origin_on) as last_origin_on,
        sum(actual_units)::decimal(18, 3) as actual_units,
        sum(forecast_units)::decimal(18, 3) as forecast_units,

        {{ wape('actual_units', 'forecast_units') }} as wape,
        {{ mase('actual_units', 'forecast_units', 'naive_scale_units') }} as mase,
        count(*) filter (where naive_scale_units > 0)::integer as mase_forecasts_count,
        {{ rmsse('actual_units', 'forecast_units', 'naive_mean_square') }} as rmsse,
        {{ tracking_signal('actual_units', 'forecast_units') }} as tracking_signal,
        favg(abs(actual_units - forecast_units)::double / actual_units::double) filter (where actual_units > 0) as mape,
        count(*) filter (where actual_units > 0)::integer as mape_forecasts_count,
        {{ pinball_loss('actual_units', 'q50_units', 0.5) }} as pinball_q50_units,
        {{ pinball_loss('actual_units', 'q80_units', 0.8) }} as pinball_q80_units,
        {{ pinball_loss('actual_units', 'q90_units', 0.9) }} as pinball_q90_units,
        {{ pinball_loss('actual_units', 'q95_units', 0.95) }} as pinball_q95_units,
        {{ pinball_loss('actual_units', 'q98_units', 0.98) }} as pinball_q98_units,
        {{ pinball_loss('actual_units', 'q99_units', 0.99) }} as pinball_q99_units,
        avg((actual_units <= q50_units)::integer) as coverage_q50,
        avg((actual_units <= q80_units)::integer) as coverage_q80,
        avg((actual_units <= q90_units)::integer) as coverage_q90,
        avg((actual_units <= q95_units)::integer) as coverage_q95,
        avg((actual_units <= q98_units)::integer) as coverage_q98,
        avg((actual_units <= q99_units)::integer) as coverage_q99,
        count(*) filter (where is_challenged)::integer as challenged_forecasts_count,
        {{ quantile_loss(
            'case when is_challenged then actual_units end',
            'q50_units', 'q80_units', 'q90_units',
            'q95_units', 'q98_units', 'q99_units'
        ) }} as own_quantile_loss_units,
        {{ quantile_loss(
            'case when is_challenged then actual_units end',
            'challenger_q50_units', 'challenger_q80_units', 'challenger_q90_units',
            'challenger_q95_units', 'challenger_q98_units', 'challenger_q99_units'
        ) }} as challenger_quantile_loss_units
    from grouped
    group by level_name, member_id, forecast_source, forecast_model_version, is_challenger

)

select
    {{ surrogate_key(
        "concat_ws('|', level_name, member_id, forecast_source, forecast_model_version)"
    ) }} as accuracy_key,
    level_name,
    member_id,
    forecast_source,
    forecast_model_version,
    is_challenger,

    forecasts_count,
    origins_count,
    series_count,
    first_origin_on,
    last_origin_on,
    actual_units,
    forecast_units,

    round(wape, 9) as wape,
    round((forecast_units - actual_units)::double / nullif(actual_units, 0)::double, 9) as bias,
    round(mase, 9) as mase,
    mase_forecasts_count,
    round(rmsse, 9) as rmsse,
    round(tracking_signal, 9) as tracking_signal,
    round(mape, 9) as mape,
    mape_forecasts_count,
    round(pinball_q50_units, 9) as pinball_q50_units,
    round(pinball_q80_units, 9) as pinball_q80_units,
    round(pinball_q90_units, 9) as pinball_q90_units,
    round(pinball_q95_units, 9) as pinball_q95_units,
    round(pinball_q98_units, 9) as pinball_q98_units,
    round(pinball_q99_units, 9) as pinball_q99_units,
    round(coverage_q50, 9) as coverage_q50,
    round(coverage_q80, 9) as coverage_q80,
    round(coverage_q90, 9) as coverage_q90,
    round(coverage_q95, 9) as coverage_q95,
    round(coverage_q98, 9) as coverage_q98,
    round(coverage_q99, 9) as coverage_q99,
    round(own_quantile_loss_units, 9) as quantile_loss_units,
    challenged_forecasts_count,
    round(challenger_quantile_loss_units, 9) as challenger_quantile_loss_units,
    round(1 - own_quantile_loss_units / nullif(challenger_quantile_loss_units, 0), 9) as forecast_value_added
from measured
