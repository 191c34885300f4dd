"""Look-alike marts about stock at risk: what the pages Ruptura, Excesso, Fornecedores and Previsão read.

SQL over the tables that ``gold_sample`` makes first: ``rpt`` is the published plan, ``settings`` the days.
"""

STOCK_REPORTS = {
    "rpt_stockout_risk": """
        with risks as (
            select *, greatest(on_hand_units - backordered_units, 0) as net_units,
                   case when demand_mean_units_per_day > 0
                        then floor(greatest(on_hand_units - backordered_units, 0)::double / demand_mean_units_per_day)
                   end::integer as days,
                   case when status = 'order_now' and on_order_units = 0 then 'red'
                        when status in ('order_now', 'approaching') then 'amber' else 'green' end as state
            from rpt
        )
        select planning_on, as_of_on, item_key, item_id, item_name, category_name, family_name, unit_code, criticality,
               location_id, location_name, state as risk_state,
               'estado' as risk_label,
               on_hand_units, on_order_units, backordered_units, reorder_point_units, demand_mean_units_per_day,
               lead_time_mean_days, case when on_order_units > 0 then planning_on + (hash(item_id) % 9)::integer - 3 end
                   as next_due_on,
               days as days_until_stockout, planning_on + days as stockout_on, 7 as soon_days,
               coalesce(days <= 7, false) as is_soon,
               unit_draw('p' || item_id || location_id) as stockout_probability,
               least(1, 1.4 * unit_draw('p' || item_id || location_id)) as stockout_probability_later,
               (hash(item_id || 't') % 30)::integer as exposed_towers_count,
               case when hash(item_id || 't') % 30 = 0 then 0 else 2 end::integer as exposed_contracts_count,
               case when hash(item_id || 't') % 30 > 0 then 'CT1, CT2' end as exposed_contract_ids,
               case when hash(item_id || 't') % 30 > 0 then 900 end::decimal(18, 2) as highest_hourly_penalty_brl
        from risks""",
    # One tower without coordinates, one that draws nothing, one whose name a spreadsheet would compute.
    "rpt_tower_exposure": """
        select as_of_on, planning_on, md5(i::varchar) as tower_key, format('T{:04d}', i::int) as tower_id,
               case when i = 7 then '=SOMA(A1:A9)' else 'TORRE ' || i end as tower_name, '2927408' as municipality_code,
               ['Salvador', 'Feira de Santana', 'Barreiras', 'Ilhéus'][1 + (i % 4)::int] as municipality_name,
               case when i <> 3 then [-12.97, -12.27, -12.15, -14.79][1 + (i % 4)::int] + i / 200 end as latitude,
               case when i <> 3 then [-38.5, -38.97, -44.99, -39.05][1 + (i % 4)::int] + i / 200 end as longitude,
               'L01' as location_id, 'Central Salvador' as location_name, 'CT' || (1 + i % 2) as contract_id,
               'CLIENTE ' || (1 + i % 2) as client_name, ['ouro', 'prata'][1 + (i % 2)::int] as sla_tier,
               ([900, 450][1 + (i % 2)::int])::decimal(18, 2) as hourly_penalty_brl,
               case when i = 5 then 0 else 40 end::integer as drawn_items_count,
               case when i = 5 then 0 else 20 end::integer as red_items_count,
               case when i = 5 then 0 else 4 end::integer as amber_items_count,
               case when i = 5 then 0 else (i % 9) end::integer as soon_items_count,
               case when i = 5 then 0 else (i % 9) // 2 end::integer as soon_vital_items_count,
               (i % 3)::integer as months_below_target_count, (i % 3) * 1.5::double as hours_below_target,
               (i % 3 * 675)::decimal(18, 2) as penalty_brl
        from settings cross join range(24) as towers(i)""",
    # The first supplier has a name that a spreadsheet would compute, the second no completed line.
    "rpt_supplier_performance": """
        select as_of_on, md5(supplier_id) as supplier_key, supplier_id,
               case when place = 1 then '@SOMA(A1)' else 'Fornecedor ' || supplier_id end as supplier_name,
               lines as received_lines_count, lines + late as judged_lines_count, (lines // 2)::integer
                   as kept_lines_count,
               (lines // 2)::double / nullif(lines + late, 0) as hit_rate,
               case when lines > 0 then 9 * unit_draw('b' || supplier_id) - 2 end::double as bias_days,
               case when lines > 1 then 3.5 end::double as days_after_promise_std_days,
               case when lines > 0 then 18 + 9 * unit_draw('b' || supplier_id) end::double as lead_time_mean_days,
               20::double as promised_mean_days, case when lines > 0 then 31.5 end::double as published_p85_mean_days,
               lines as published_lines_count, case when lines > 0 then 0.8 end::double as published_p85_coverage,
               case when lines > 0 then 1.2 end::double as published_p85_loss_days,
               case when lines > 0 then 2.1 end::double as promise_loss_days, late as overdue_lines_count,
               (late * 1234.5)::decimal(18, 2) as overdue_value_brl,
               case when late > 0 then 12 end::integer as longest_overdue_days
        from (
            select supplier_id, place, case when place = 2 then 0 else 1 + hash(supplier_id) % 60 end::integer as lines,
                   case when place in (1, 2) or hash(supplier_id || 'o') % 3 = 0 then 2 else 0 end::integer as late
            from (
                select supplier_id, row_number() over (order by supplier_id) as place
                from (select distinct supplier_id from items)
            )
        ) cross join settings""",
    # Every third pair of the plan; the item without a cost has no value; every fifth never left the shelf.
    "rpt_excess": """
        with stuck as (
            select *, hash(item_id) % 5 = 0 as is_still, (3 + hash(item_id) % 40)::decimal(18, 3) as surplus,
                   case when hash(item_id || 'm') % 2 = 0 then 2 else 0 end::decimal(18, 3) as moved
            from rpt where hash(item_id || location_id) % 3 = 0
        )
        select planning_on, as_of_on, item_key, item_id, item_name, category_name, family_name, unit_code,
               ['A', 'B', 'C'][1 + (hash(item_id) % 3)::int] as abc_class, location_id, location_name, unit_cost_brl,
               annual_demand_units, order_up_to_units, (on_hand_units + surplus)::decimal(18, 3) as on_hand_units,
               on_order_units, (on_order_units * unit_cost_brl)::decimal(18, 2) as on_order_value_brl,
               (position_units + surplus)::decimal(18, 3) as position_units,
               ((on_hand_units + surplus) * unit_cost_brl)::decimal(18, 2) as stock_value_brl, surplus as excess_units,
               (surplus * unit_cost_brl)::decimal(18, 2) as excess_value_brl, is_still as is_obsolete,
               case when not is_still then as_of_on - 40 end as last_issued_on, moved as transfer_units,
               (moved * unit_cost_brl)::decimal(18, 2) as transfer_value_brl,
               case when moved > 0 then 'L01' end as transfer_to_location_id,
               case when moved > 0 then 'Central Salvador' end as transfer_to_location_name,
               'Posição acima do máximo.' as reason_text
        from stuck""",
    "rpt_pooling": """
        select row_number() over (order by cost desc, item_id)::integer as saving_rank, as_of_on, planning_on, item_key,
               item_id, item_name, category_name, unit_code, 'A' as abc_class, criticality, cost as unit_cost_brl,
               2::integer as locations_count, 0.95::double as service_level, 30::double as lead_time_mean_days,
               1::double as review_period_days, 51::integer as weeks_count, 0.1::double as mean_correlation,
               12::decimal(18, 3) as separate_safety_stock_units, 9::decimal(18, 3) as central_safety_stock_units,
               3::decimal(18, 3) as saving_units, (3 * cost)::decimal(18, 2) as saving_brl
        from (select *, coalesce(unit_cost_brl, 0) as cost from rpt where location_id = 'L01')""",
    # The last origin is not closed yet: nobody knows its demand.
    "fact_forecasts": """
        select md5(r.item_id) as item_key, md5(r.location_id) as location_key, r.item_id, r.location_id,
               forecast_source, forecast_model_version,
               case when not is_challenger then 'conjunto-7' end as training_dataset_id, is_challenger,
               30::integer as horizon_days, '16-30' as horizon_group,
               (30 * r.mean_day * factor)::decimal(18, 3) as forecast_units,
               (15 * r.mean_day)::decimal(18, 3) as interval_lower_units,
               (60 * r.mean_day)::decimal(18, 3) as interval_upper_units,
               (29 * r.mean_day)::decimal(18, 3) as q50_units, (36 * r.mean_day)::decimal(18, 3) as q80_units,
               (42 * r.mean_day)::decimal(18, 3) as q90_units, (50 * r.mean_day)::decimal(18, 3) as q95_units,
               (57 * r.mean_day)::decimal(18, 3) as q98_units, (63 * r.mean_day)::decimal(18, 3) as q99_units,
               case when months > 0 then ceil(30 * r.mean_day) end::decimal(18, 3) as actual_units,
               as_of_on - 20 - (months * 30)::integer as origin_on, as_of_on + 10 - (months * 30)::integer as target_on,
               case when not is_challenger then timestamptz '2026-11-01 05:00:00+00' end as generated_at,
               timestamptz '2026-11-02 05:00:00+00' as source_extracted_at
        from pairs_demand as r cross join settings cross join range(3) as origins(months)
        cross join (values ('challenger', 'negative_binomial', true, 1.0), ('modelo-externo', '2.1', false, 1.1)
        ) as model(forecast_source, forecast_model_version, is_challenger, factor)
        where r.mean_day > 0""",
    # One horizon cannot be compared with the baseline, and nothing was asked for in it.
    "rpt_forecast_accuracy": """
        with members as (
            select 'total' as level_name, 'all' as member_id, 0.08 as gain union all
            select 'horizon', '16-30', 0.1 union all select 'horizon', '61-', null union all
            select 'category', category_name, unit_draw(category_name) - 0.5 from items group by category_name union all
            select 'location', location_id, -0.02 from locations union all
            select 'item', item_id, unit_draw(item_id) - 0.4 from items
        )
        select md5(concat_ws('|', level_name, member_id, source)) as accuracy_key, level_name, member_id,
               source as forecast_source, version as forecast_model_version, is_challenger,
               120::integer as forecasts_count, 3::integer as origins_count, 40::integer as series_count,
               as_of_on - 80 as first_origin_on, as_of_on - 50 as last_origin_on, 900::decimal(18, 3) as actual_units,
               940::decimal(18, 3) as forecast_units, case when gain is not null then 0.42 end::double as wape,
               case when gain is not null then 0.044 end::double as bias, 0.9::double as mase,
               0.81::double as coverage_q80, 0.94::double as coverage_q95, 118::integer as challenged_forecasts_count,
               case when is_challenger then 0 else gain end::double as forecast_value_added
        from members cross join settings cross join (values ('challenger', 'negative_binomial', true),
            ('modelo-externo', '2.1', false)) as model(source, version, is_challenger)""",
}
