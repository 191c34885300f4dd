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
}
