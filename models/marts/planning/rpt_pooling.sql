-- Grain: one row per item with demand at two or more stocking locations today. Units are not additive over items,
-- values are. Sorted by what it would save. What one shared shelf would save in safety stock: z * sqrt(t) * sum(s_i) at
-- the locations against z * sqrt(t) * sqrt(sum(s_i^2) + 2 sum(r_ij s_i s_j)) at one place (Chopra & Meindl). s is the
-- deviation of daily demand and r the correlation of weekly demand. Both sides take one level (the mean of the
-- locations', weighted by demand) and one t = lead time + review period, which are the item's wherever it lies: what
-- differs is pooling alone. Limits: a correlation below zero counts as zero, so no saving is promised on chance, and
-- one that cannot be measured counts as zero too; variation of the lead time, undershoot, transport between locations
-- and the time to reach a tower are left out. It says where to look, and is no plan.
{{ config(meta={'gold_order_by': ['saving_rank']}) }}

with

pairs as (

    select parameters.*
    from {{ ref('int_planning__apply_forecasts') }} as parameters
    semi join {{ ref('int_inventory__list_pairs') }} as stocked
        on
            parameters.item_id = stocked.item_id
            and parameters.location_id = stocked.location_id
    where
        parameters.demand_mean_units_per_day > 0
        and parameters.demand_std_units_per_day is not null
        and parameters.lead_time_mean_days is not null
        and parameters.service_level is not null
        and parameters.unit_cost_brl is not null

),

correlations as (

    select *
    from {{ ref('int_demand__correlate_locations') }}

),

items as (

    select *
    from {{ ref('dim_items') }}
    where is_current

),

-- decimals: a sum does not depend on the order in which it is added up
separate as (

    select
        item_id,
        max(as_of_on) as as_of_on,
        max(planning_on) as planning_on,
        min(abc_class) as abc_class,
        min(criticality) as criticality,
        max(unit_cost_brl) as unit_cost_brl,
        max(lead_time_mean_days) as lead_time_mean_days,
        max(review_period_days) as review_period_days,
        count(*)::integer as locations_count,
        sum(demand_mean_units_per_day::decimal(28, 9))::double as mean_units,
        sum((service_level * demand_mean_units_per_day)::decimal(28, 9))::double as weighted_level,
        sum(demand_std_units_per_day::decimal(28, 9))::double as sum_of_deviations,
        sum(power(demand_std_units_per_day, 2)::decimal(28, 9))::double as sum_of_variances
    from pairs
    group by item_id
    having count(*) >= 2

),

together as (

    select
        correlations.item_id,
        max(correlations.weeks_count) as weeks_count,
        sum((
            2 * greatest(coalesce(correlations.correlation, 0), 0)
            * one.demand_std_units_per_day * other.demand_std_units_per_day
        )::decimal(28, 9))::double as sum_of_covariances
    from correlations
    inner join pairs as one
        on
            correlations.item_id = one.item_id
            and correlations.location_id = one.location_id
    inner join pairs as other
        on
            correlations.item_id = other.item_id
            and correlations.other_location_id = other.location_id
    group by correlations.item_id

),

pooled as (

    select
        separate.*,
        together.weeks_count,
        separate.weighted_level / separate.mean_units as service_level,
        coalesce(together.sum_of_covariances, 0) as sum_of_covariances,
        sqrt(separate.sum_of_variances + coalesce(together.sum_of_covariances, 0)) as pooled_deviation
    from separate
    left join together
        on separate.item_id = together.item_id

),

compared as (

    select
        *,
        greatest({{ safety_stock(
            'mean_units', 'lead_time_mean_days', 'sum_of_deviations', 'service_level', 0,
            'review_period_days'
        ) }}, 0)::decimal(18, 3) as separate_safety_stock_units,
        -- never more than apart: rounding of the last digit is all that could say so
        greatest({{ safety_stock(
            'mean_units', 'lead_time_mean_days', 'least(pooled_deviation, sum_of_deviations)', 'service_level', 0,
            'review_period_days'
        ) }}, 0)::decimal(18, 3) as central_safety_stock_units
    from pooled

),

valued as (

    select
        *,
        (separate_safety_stock_units - central_safety_stock_units)::decimal(18, 3) as saving_units,
        ((separate_safety_stock_units - central_safety_stock_units) * unit_cost_brl)::decimal(18, 2) as saving_brl
    from compared

)

select
    row_number() over (order by valued.saving_brl desc, valued.item_id asc)::integer as saving_rank,
    valued.as_of_on,
    valued.planning_on,

    coalesce(items.item_key, 'unknown') as item_key,
    valued.item_id,
    items.item_name,
    items.category_name,
    items.unit_code,
    valued.abc_class,
    valued.criticality,

    valued.unit_cost_brl,
    valued.locations_count,
    valued.service_level,
    valued.lead_time_mean_days,
    valued.review_period_days,
    valued.weeks_count,
    valued.sum_of_covariances / nullif(power(valued.sum_of_deviations, 2) - valued.sum_of_variances, 0)
        as mean_correlation,

    valued.separate_safety_stock_units,
    valued.central_safety_stock_units,
    valued.saving_units,
    valued.saving_brl
from valued
left join items
    on valued.item_id = items.item_id
