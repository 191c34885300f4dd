-- One row per generated company, policy, knob, measured year, ABC class and criticality: the newest backtest.
-- Counts and units are additive over classes and companies; the mean inventory is additive over classes only.
with

source as (

    select *
    from {{ source('backtest', 'policy_outcomes') }}
    where {{ latest_of_table(source('backtest', 'policy_outcomes')) }}

),

renamed as (

    select
        seed as company_number,
        scenario,
        policy,
        knob,
        window_name,
        abc_class,
        criticality,

        is_chosen,
        first_day_on,
        last_day_on,

        series_count,
        demand_lines_count,
        stocked_out_lines_count,
        demand_units,
        backorder_days,
        backorder_unit_days,
        mean_inventory_brl,
        orders_count,
        ordered_units,

        _extracted_at as extracted_at
    from source

)

select * from renamed
