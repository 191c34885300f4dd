"""Look-alike tables of service, contracts, drivers and the policy experiment, as SQL over the sample's settings.

Invented rows like those of ``gold_sample``; what the pages add up agrees inside itself.
"""

HOSTILE_CLIENT = '<script>alert("c")</script> Operadora "d\'Água" & Cia ' + "comprida " * 9

_SEGMENTS = """
    (values ('A'), ('B'), ('C')) as classes(abc_class)
    cross join (values ('vital', 1), ('essential', 2), ('desirable', 3)) as kinds(criticality, place)"""

RESULTS = {
    "rpt_service_level": f"""
        select month_on, abc_class, criticality, pairs_count, 0.99 - 0.03 * place as service_level_target,
               lines as demand_lines_count, met as lines_met_count, met / nullif(lines, 0)::double as line_fill_rate,
               1 as waiting_towers_count, pairs_count * 30 as pair_days_count, pairs_count * 27 as stocked_days_count,
               (pairs_count * 27) / (pairs_count * 30)::double as in_stock_rate
        from (
            select m::date as month_on, abc_class, criticality, place, (20 * place)::integer as pairs_count,
                   -- nobody asked for anything of one segment
                   (case when abc_class = 'C' and place = 3 then 0 else 100 + 10 * place end)::integer as lines,
                   (lines * (0.6 + 0.1 * place) + (case when lines > 0 then month(m) else 0 end))::integer as met
            from settings
            cross join range(date_trunc('month', planning_on)::timestamp - interval 12 month,
                             date_trunc('month', planning_on)::timestamp, interval 1 month) as months(m)
            cross join {_SEGMENTS}
        )""",
    "rpt_service_cost_curve": f"""
        select abc_class, criticality, is_in_force, service_level, false as is_nearest_to_force,
               (20 * place)::integer as pairs_count,
               (1000 * place * service_level / (1.02 - service_level))::decimal(18, 2) as safety_stock_value_brl,
               (500 * place)::decimal(18, 2) as lot_stock_value_brl,
               safety_stock_value_brl + lot_stock_value_brl as stock_value_brl,
               (1000 * place)::double as demand_lines_per_year,
               1000 * place * (1 - service_level) * (case when is_in_force then 0.7 else 1 end)
                   as stocked_out_lines_per_year,
               1 - stocked_out_lines_per_year / demand_lines_per_year as expected_fill_rate
        from {_SEGMENTS}
        cross join (values (0.7, false), (0.8, false), (0.9, false), (0.95, false), (0.99, false), (0.87, true))
            as levels(service_level, is_in_force)""",
    "rpt_sla": """
        select m::date as month_on, 'k' || contract_id as contract_key, contract_id, client_name, sla_tier,
               target::decimal(6, 3) as sla_target_pct, towers as towers_count, (month(m) % towers)::integer
                   as towers_below_target_count,
               (10 + month(m))::integer as calls_count, 3 as urgent_calls_count, (month(m) % 3)::integer
                   as open_calls_count,
               -- nobody has answered a call of the second contract
               (case when contract_id = 'CT0002' then 0 else 8 end)::integer as responded_calls_count,
               case when contract_id <> 'CT0002' then 2.0 + month(m) / 8 end as response_mean_hours,
               (towers * 43200)::bigint as observed_minutes,
               (towers * 10 * (20 + month(m)))::bigint as downtime_minutes,
               100 * (1 - downtime_minutes / observed_minutes::double) as availability_pct,
               availability_pct >= sla_target_pct as is_target_met, 5.5 as hours_below_target,
               (1234.56 * month(m) * towers)::decimal(18, 2) as penalty_brl
        from settings
        cross join range(date_trunc('month', as_of_on)::timestamp - interval 23 month, planning_on::timestamp,
                         interval 1 month) as months(m)
        cross join (values ('CT0001', $client, 'ouro', 99.5, 5), ('CT0002', 'Torres Prata S.A.', 'prata', 99.0, 3),
                           ('CT0003', 'Bronze Ltda.', 'bronze', 92.0, 2))
            as contracts(contract_id, client_name, sla_tier, target, towers)""",
    "rpt_sla_towers": """
        select m::date as month_on, format('BA{:05d}', t) as tower_id,
               case when t <> 3 then format('TORRE {:03d}', t) end as tower_name, 'Ilhéus' as municipality_name,
               'kCT0001' as contract_key, format('CT{:04d}', 1 + t % 3) as contract_id, (t % 5)::integer as calls_count,
               (600 + t)::bigint as downtime_minutes, 99.5::decimal(6, 3) as sla_target_pct,
               98.0 - t / 100 as availability_pct, 4.5 as hours_below_target,
               (100.25 * t)::decimal(18, 2) as penalty_brl
        from settings
        cross join range(date_trunc('month', as_of_on)::timestamp - interval 14 month, planning_on::timestamp,
                         interval 1 month) as months(m)
        cross join range(1, 31) as towers(t)""",
    "rpt_demand_drivers": """
        select category_name, driver_name, driver_name as driver_label, lag::integer as lag_weeks,
               (104 - lag)::integer as weeks_count,
               -- one driver never varied
               case when driver_name <> 'network_5g' then round(sin(hash(category_name || driver_name) % 7 + lag), 3)
                   end as correlation,
               2 / sqrt(104 - lag) as noise_limit, coalesce(abs(correlation) > noise_limit, false) as is_beyond_noise
        from (values ('CONECTORES'), ('BATERIAS "A" <b>&')) as categories(category_name)
        cross join (values ('rain'), ('heat'), ('storms'), ('holidays'), ('exchange_rate'), ('network_5g'))
            as drivers(driver_name)
        cross join range(0, 9) as lags(lag)""",
    "rpt_demand_weeks": """
        select category_name, w::date as week_on, (20 + hash(w) % 30)::integer as demand_lines_count,
               case when hash(w) % 9 > 0 then (hash(w) % 80)::double end as rain_mm,
               28.5 as temperature_max_mean_celsius, (hash(w) % 3)::double as storm_days_count, 0.0 as holidays_count,
               5.2 as exchange_rate_brl, null::double as new_stations_5g_count
        from settings
        cross join range(date_trunc('week', as_of_on)::timestamp - interval 104 week,
                         as_of_on::timestamp - interval 6 day, interval 1 week) as weeks(w)
        cross join (values ('CONECTORES'), ('BATERIAS "A" <b>&')) as categories(category_name)""",
    "rpt_policy_backtest": """
        select company::bigint as company_number, scenario, policy, knob, window_name, 'A' as abc_class, criticality,
               policy = 'cost_based' and knob = 200 as is_chosen, first_day_on, first_day_on + 364 as last_day_on,
               10::bigint as series_count, 1000::bigint as demand_lines_count,
               (lines + 3 * company + (case when scenario = 'base' then 0 else 20 end))::bigint
                   as stocked_out_lines_count,
               2000::bigint as demand_units, 400::bigint as backorder_days, 900::bigint as backorder_unit_days,
               (stock * (1 + company / 10))::double as mean_inventory_brl, 300::bigint as orders_count,
               2000::bigint as ordered_units, (stock / 4)::decimal(18, 2) as holding_cost_brl,
               18000::decimal(18, 2) as ordering_cost_brl, (lines * 600)::decimal(18, 2) as stockout_cost_brl
        from (values ('cost_based', 100.0, 150, 60000), ('cost_based', 200.0, 90, 80000),
                     ('no_policy', 30.0, 300, 90000), ('no_policy', 60.0, 160, 150000), ('legacy', 0.0, 200, 85000),
                     ('negative_binomial', 0.95, 60, 160000), ('oracle', 0.0, 2, 70000))
            as policies(policy, knob, lines, stock)
        cross join (values ('base'), ('currency_shock')) as scenarios(scenario)
        cross join (values ('validation', date '2024-11-20'), ('score', date '2025-11-20'))
            as windows(window_name, first_day_on)
        cross join (values ('vital'), ('desirable')) as kinds(criticality)
        cross join range(1, 4) as companies(company)""",
    "rpt_policy_frontier": """
        with pooled as (
            select scenario, policy, knob, window_name, bool_or(is_chosen) as is_chosen,
                   min(first_day_on) as first_day_on,
                   max(last_day_on) as last_day_on, count(distinct company_number) as companies_count,
                   sum(demand_lines_count)::bigint as demand_lines_count,
                   sum(stocked_out_lines_count)::bigint as stocked_out_lines_count,
                   sum(backorder_days)::bigint as backorder_days,
                   (sum(mean_inventory_brl) / 3)::decimal(18, 2) as mean_inventory_brl,
                   sum(orders_count)::bigint as orders_count,
                   sum(ordering_cost_brl)::decimal(18, 2) as ordering_cost_brl,
                   sum(holding_cost_brl)::decimal(18, 2) as holding_cost_brl,
                   sum(stockout_cost_brl)::decimal(18, 2) as stockout_cost_brl
            from backtest group by all
        )
        select p.*, 1 - p.stocked_out_lines_count / p.demand_lines_count as line_fill_rate,
               p.demand_lines_count // 2 as vital_demand_lines_count,
               p.stocked_out_lines_count // 2 as vital_stocked_out_lines_count,
               1 - p.stocked_out_lines_count / p.demand_lines_count as vital_line_fill_rate,
               p.ordering_cost_brl + p.holding_cost_brl + p.stockout_cost_brl as total_cost_brl,
               100 * (p.stocked_out_lines_count / b.stocked_out_lines_count - 1) as stocked_out_change_pct,
               stocked_out_change_pct - 4 as least_stocked_out_change_pct,
               stocked_out_change_pct + 6 as greatest_stocked_out_change_pct,
               (100 * (p.mean_inventory_brl / b.mean_inventory_brl - 1))::double as inventory_change_pct,
               inventory_change_pct - 3 as least_inventory_change_pct,
               inventory_change_pct + 5 as greatest_inventory_change_pct,
               case when p.policy in ('legacy', 'no_policy') and p.knob < 60 then 600.0 end
                   as cost_based_stocked_out_lines,
               null::double as cost_based_vital_stocked_out_lines, null::decimal(18, 2) as cost_based_inventory_brl
        from pooled as p
        inner join pooled as b
            on b.policy = 'no_policy' and b.knob = 30 and p.scenario = b.scenario and p.window_name = b.window_name""",
}
