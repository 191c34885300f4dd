-- Grain: one row per kind of exception and entity. Not additive.
-- What a person has to look at because no rule can decide it: what was seen, since when, what to do, and whose it is.
{{ config(meta={'gold_order_by': ['exception_kind', 'entity_id']}) }}

with

parameters as (

    select *
    from {{ ref('fact_policy_parameters') }}

),

settings as (

    select *
    from {{ ref('int_planning__list_exception_limits') }}

),

as_of as (

    select *
    from {{ ref('int_calendar__as_of') }}

),

inventory as (

    select *
    from {{ ref('fact_inventory') }}

),

deliveries as (

    select *
    from {{ ref('rpt_supplier_performance') }}

),

freshness as (

    select *
    from {{ ref('int_freshness__find_stale_tables') }}

),

today as (

    select *
    from parameters
    where is_today

),

invalid as (

    select
        'invalid_parameters' as exception_kind,
        item_id || ' / ' || location_id as entity_id,
        'high' as severity,
        as_of_on as since_on,
        'Parâmetros do ponto de pedido não calculados: ' || invalid_reason as seen_text,
        'Corrigir o cadastro do item ou do fornecedor no ERP.' as action_text,
        'Planejamento' as owner_name
    from today
    where not is_valid

),

-- against the newest as-of day before today
before_today as (

    select parameters.*
    from parameters
    where
        parameters.as_of_on = (
            select max(earlier.as_of_on)
            from parameters as earlier
            where not earlier.is_today
        )

),

reclassed as (

    select
        'class_changed' as exception_kind,
        today.item_id || ' / ' || today.location_id as entity_id,
        'medium' as severity,
        before_today.as_of_on as since_on,
        'Classe mudou de ' || before_today.abc_class || '/' || before_today.demand_class
        || ' para ' || today.abc_class || '/' || today.demand_class || '.' as seen_text,
        'Conferir se a mudança de consumo é real e rever a política do item.' as action_text,
        'Planejamento' as owner_name
    from today
    inner join before_today
        on
            today.item_id = before_today.item_id
            and today.location_id = before_today.location_id
    where
        today.abc_class <> before_today.abc_class
        and (today.abc_class = 'A' or before_today.abc_class = 'A')

),

slow_suppliers as (

    select
        'lead_time_away_from_promise' as exception_kind,
        deliveries.supplier_id as entity_id,
        'medium' as severity,
        deliveries.as_of_on as since_on,
        'Prazo médio de ' || {{ number_in_portuguese('deliveries.lead_time_mean_days', 1) }}
        || ' dias, prometido ' || {{ number_in_portuguese('deliveries.promised_mean_days', 1) }}
        || ' dias em ' || deliveries.received_lines_count || ' linhas.' as seen_text,
        'Renegociar o prazo com o fornecedor ou corrigir o prazo no cadastro.' as action_text,
        'Compras' as owner_name
    from deliveries
    cross join settings
    where
        deliveries.received_lines_count >= settings.minimum_receipts_count
        and abs(deliveries.lead_time_mean_days - deliveries.promised_mean_days)
        > settings.lead_time_gap_share * deliveries.promised_mean_days

),

negative_now as (

    select
        inventory.item_id,
        inventory.location_id,
        inventory.on_hand_units
    from inventory
    inner join as_of
        on inventory.stock_on = as_of.as_of_on
    where inventory.on_hand_units < 0

),

below_zero as (

    select
        'negative_stock' as exception_kind,
        negative_now.item_id || ' / ' || negative_now.location_id as entity_id,
        'high' as severity,
        coalesce(
            max(inventory.stock_on) filter (where inventory.on_hand_units >= 0) + 1, min(inventory.stock_on)
        ) as since_on,
        'Estoque de ' || {{ quantity_in_portuguese('negative_now.on_hand_units') }} || ' no sistema.' as seen_text,
        'Contar o estoque e lançar o recebimento ou o ajuste que falta.' as action_text,
        'Almoxarifado' as owner_name
    from negative_now
    inner join inventory
        on
            negative_now.item_id = inventory.item_id
            and negative_now.location_id = inventory.location_id
    group by negative_now.item_id, negative_now.location_id, negative_now.on_hand_units

),

orphans as (

    select
        'movement_without_item' as exception_kind,
        item_id as entity_id,
        'high' as severity,
        min(stock_on) as since_on,
        'Movimentos de estoque de um item que não está no cadastro.' as seen_text,
        'Cadastrar o item no ERP ou corrigir o código dos movimentos.' as action_text,
        'Cadastro' as owner_name
    from inventory
    where item_key = 'unknown'
    group by item_id

),

stale as (

    select
        'stale_feed' as exception_kind,
        freshness.source_name || '.' || freshness.table_name as entity_id,
        'high' as severity,
        coalesce(freshness.latest_data_on + freshness.stale_after_days + 1, as_of.as_of_on) as since_on,
        coalesce(
            'Último dado de ' || {{ date_in_portuguese('freshness.latest_data_on') }} || ', há '
            || freshness.age_days || ' dias.',
            'Nenhum dado recebido.'
        ) as seen_text,
        'Conferir a fonte e repetir a carga.' as action_text,
        'TI' as owner_name
    from freshness
    cross join as_of

)

{% for part in ['invalid', 'reclassed', 'slow_suppliers', 'below_zero', 'orphans', 'stale'] %}
select
    exception_kind,
    entity_id,
    severity,
    since_on,
    seen_text,
    action_text,
    owner_name
from {{ part }}
{{- '\nunion all' if not loop.last }}
{% endfor %}
