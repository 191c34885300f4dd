-- Grain: one row per item and stocking location that planning looks at, at one day. order_value_brl is additive; units
-- are additive over locations of one item; rates, days and levels are not.
-- The buy list: what to order, how much, by when, from whom and why, with every input of the decision on the row.
{{ config(meta={'gold_order_by': ['item_id', 'location_id']}) }}

with

replenishment as (

    select *
    from {{ ref('int_planning__compute_replenishment') }}

),

items as (

    select *
    from {{ ref('dim_items') }}
    where is_current

),

locations as (

    select *
    from {{ ref('dim_locations') }}

),

suppliers as (

    select *
    from {{ ref('dim_suppliers') }}
    where is_current

),

joined as (

    select
        replenishment.*,
        items.item_key,
        items.item_name,
        items.category_name,
        items.family_name,
        items.unit_code,
        items.criticality,
        items.supplier_id,
        locations.location_name,
        suppliers.supplier_name,
        coalesce(' ' || items.unit_code, '') as unit_suffix
    from replenishment
    inner join items
        on replenishment.item_id = items.item_id
    inner join locations
        on replenishment.location_id = locations.location_id
    left join suppliers
        on items.supplier_id = suppliers.supplier_id

)

select
    planning_on,
    as_of_on,
    item_key,
    item_id,
    item_name,
    category_name,
    family_name,
    unit_code,
    criticality,
    location_id,
    location_name,
    supplier_id,
    supplier_name,

    abc_class,
    xyz_class,
    demand_class,
    demand_mean_units_per_day,
    demand_std_units_per_day,
    demand_history_days,
    units_per_line,
    annual_demand_units,
    last_demand_on,
    is_demand_ended,
    lead_time_mean_days,
    lead_time_std_days,
    lead_time_p85_days,
    lead_time_receipts_count,
    lead_time_source,
    promised_lead_time_days,

    review_period_days,
    policy,
    minimum_cover_days,
    maximum_cover_days,
    holding_rate_per_year,
    order_cost_brl,
    stocked_out_line_cost_brl,
    criticality_weight,
    service_level,
    z_score,
    swing_variance_units,
    undershoot_mean_units,
    protection_mean_units,
    protection_variance_units,
    safety_stock_units,
    reorder_point_units,
    computed_reorder_point_units,
    normal_reorder_point_units,
    legacy_reorder_point_units,
    minimum_order_units,
    pack_size_units,
    economic_order_quantity_units,
    order_up_to_units,
    is_overridden,
    override_author_role,
    override_reason,
    is_forecast_driven,
    forecast_status,
    forecast_source,
    forecast_model_version,
    is_valid,
    invalid_reason,

    on_hand_units,
    on_order_units,
    backordered_units,
    position_units,
    is_below_reorder_point,
    order_quantity_units,
    unit_cost_brl,
    order_value_brl,
    is_excess_after_order,
    expected_short_lines,
    risk_brl,
    risk_per_brl_spent,
    order_priority,

    days_of_cover_days,
    stockout_on,
    order_by_on,
    status,
    case
        when status = 'no_demand' and demand_history_days is null
            then
                'Sem demanda registrada: nada a comprar. Em estoque: '
                || {{ quantity_in_portuguese('on_hand_units') }} || unit_suffix || '.'
        when status = 'no_demand'
            then
                'Sem demanda nos últimos ' || demand_history_days
                || ' dias: nada a comprar. Em estoque: '
                || {{ quantity_in_portuguese('on_hand_units') }} || unit_suffix || '.'
        when reorder_point_units is null
            then
                'Ponto de pedido não calculado: falta ' || case
                    when contains(invalid_reason, 'criticality') then 'a criticidade do item'
                    when contains(invalid_reason, 'lead_time') then 'o prazo de entrega'
                    when contains(invalid_reason, 'unit_cost') then 'o custo do item'
                    else 'o desvio da demanda'
                end || '. Conferir o cadastro; em estoque: '
                || {{ quantity_in_portuguese('on_hand_units') }} || unit_suffix || '.'
        else
            'Posição de ' || {{ quantity_in_portuguese('position_units') }} || unit_suffix
            || case
                when backordered_units > 0 and on_order_units > 0
                    then
                        ' (' || {{ quantity_in_portuguese('on_order_units') }} || ' já pedidas, '
                        || {{ quantity_in_portuguese('backordered_units') }} || ' em falta)'
                when on_order_units > 0
                    then
                        ' (' || {{ quantity_in_portuguese('on_order_units') }} || ' já pedidas)'
                when backordered_units > 0
                    then
                        ' (' || {{ quantity_in_portuguese('backordered_units') }} || ' em falta)'
                else ''
            end
            || case
                when position_units > reorder_point_units then ', acima do ponto de pedido de '
                when position_units = reorder_point_units then ', no ponto de pedido de '
                else ', abaixo do ponto de pedido de '
            end
            || {{ quantity_in_portuguese('reorder_point_units') }}
            || case
                when is_overridden
                    then
                        ', definido pelo planejamento (' || override_author_role || ': ' || override_reason || ')'
                        || case
                            when computed_reorder_point_units is not null
                                then
                                    '; o cálculo daria '
                                    || {{ quantity_in_portuguese('computed_reorder_point_units') }}
                            else ''
                        end
                else ''
            end
            || coalesce(
                ': demanda média de ' || {{ number_in_portuguese('demand_mean_units_per_day', 3) }}
                || ' por dia, prazo médio de ' || {{ number_in_portuguese('lead_time_mean_days', 1) }}
                || ' dias, estoque de segurança de ' || {{ quantity_in_portuguese('safety_stock_units') }}
                || case policy
                    when 'min_max' then ' (regra de cobertura em dias)'
                    when 'legacy' then ' (fórmula antiga)'
                    else
                        coalesce(
                            ' (nível de serviço de '
                            || {{ number_in_portuguese('service_level * 100', 1) }} || ' %)', ''
                        )
                end,
                ''
            )
            || '. '
            || case
                when is_forecast_driven
                    then 'Previsão do modelo ' || forecast_source || ' ' || forecast_model_version || '. '
                when is_overridden or policy in ('min_max', 'legacy', 'fill_rate') then ''
                when forecast_status = 'no_forecast' then 'Sem previsão externa: vale a estatística da demanda. '
                when forecast_status is not null
                    then
                        'Previsão externa não usada (' || case forecast_status
                            when 'stale' then 'antiga demais'
                            when 'other_horizon' then 'horizonte diferente do prazo'
                            when 'too_few_scored' then 'poucas comparações com a demanda real'
                            when 'loses_to_challenger' then 'erra mais que a estatística da demanda'
                            when 'coverage_off' then 'os limites não contêm a demanda como prometem'
                            else 'não se aplica a este item'
                        end || '): vale a estatística da demanda. '
                else ''
            end
            || case
                when is_below_reorder_point and order_quantity_units is null
                    then 'Quantidade não calculada: conferir o custo do item.'
                when is_below_reorder_point
                    then
                        'Comprar ' || {{ quantity_in_portuguese('order_quantity_units') }} || unit_suffix
                        || ' até ' || {{ date_in_portuguese('order_by_on') }}
                        || ' para chegar a ' || {{ quantity_in_portuguese('order_up_to_units') }}
                        || coalesce(
                            ': evita um risco de R$ ' || {{ number_in_portuguese('nullif(risk_brl, 0)', 2) }}, ''
                        )
                        || '.'
                when order_by_on is not null
                    then 'Comprar até ' || {{ date_in_portuguese('order_by_on') }} || '.'
                else 'Sem compra prevista.'
            end
            || case
                when is_excess_after_order
                    then ' Atenção: o lote mínimo deixa mais de um ano de demanda acima do necessário.'
                else ''
            end
            || case
                when is_demand_ended and is_below_reorder_point
                    then ' Atenção: sem demanda desde ' || {{ date_in_portuguese('last_demand_on') }}
                        || '; conferir se o item ainda é usado.'
                else ''
            end
    end as reason_text
from joined
