"""What stands wrong today in a published version of gold, and what a run could not do.

Of gold: stockouts, exceptions, expectations that were broken and stopped nothing, and sources older than they promise.

Texts are Portuguese, as the people who act on them read them. Limits come from the alert settings.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from publication.alerts.ledger import Condition
from publication.alerts.messages import owner_of
from publication.alerts.settings import StockoutLimits
from publication.snapshot.words import day, money, number, share
from publication.tables import published_tables, rows

STOCKOUT, EXCEPTION, QUALITY, FRESHNESS, RUN = "stockout:", "exception:", "quality:", "freshness:", "run:"
PUBLISHED_SCOPE = (STOCKOUT, EXCEPTION, QUALITY, FRESHNESS)
_STALE = "stale_feed"  # an exception that is told with the other tables of its source

EXCEPTION_NAMES = {
    "invalid_parameters": "Ponto de pedido sem cálculo",
    "class_changed": "Mudança de classe",
    "lead_time_away_from_promise": "Prazo longe do prometido",
    "negative_stock": "Estoque negativo",
    "movement_without_item": "Movimento sem cadastro",
    "stale_feed": "Dados atrasados",
}
SOURCE_NAMES = {
    "anatel": "ANATEL",
    "bacen": "BACEN",
    "backtest": "simulação de políticas",
    "calendar": "calendário",
    "erp": "ERP",
    "forecasts": "previsões",
    "gold": "publicação",
    "inmet": "INMET",
    "quality": "qualidade dos dados",
    "report": "relatório",
    "run": "a carga não começou ou foi interrompida",
    "suppliers": "cotações de fornecedores",
    "uploads": "planilhas de compras",
    "warehouse": "transformação e testes (dbt)",
}
# Nobody is woken for an exception: only what stops the towers or the data is critical.
_EXCEPTION_SEVERITIES = {"high": "warning", "medium": "info", "low": "info"}

_STOCKOUTS = """
select
    risk.item_id,
    risk.item_name,
    risk.location_id,
    risk.location_name,
    risk.criticality,
    risk.on_hand_units,
    risk.on_order_units,
    risk.next_due_on,
    risk.days_until_stockout,
    risk.stockout_probability,
    risk.exposed_towers_count,
    plan.unit_code,
    plan.supplier_name,
    plan.reorder_point_units,
    plan.is_below_reorder_point,
    plan.order_quantity_units,
    plan.order_by_on,
    plan.risk_brl
from rpt_stockout_risk as risk
inner join rpt_replenishment as plan
    on risk.item_id = plan.item_id and risk.location_id = plan.location_id
where
    risk.risk_state = 'red'
    and (
        risk.stockout_probability >= $from_probability
        or (
            risk.stockout_probability >= $until_probability
            and list_contains($open_ids, $prefix || risk.item_id || '@' || risk.location_id)
        )
    )
"""

# Expectations that stop nothing and were broken all the same, a row for each table.
_BROKEN_EXPECTATIONS = """
select
    table_name,
    first(nullif(table_title, '') order by stage) as table_title,
    list(
        {
            'claim': coalesce(nullif(claim_text, ''), rule),
            'seen': coalesce(
                nullif(observed_text, ''),
                unexpected_count || case when element_count > 0 then ' de ' || element_count else '' end || ' linhas'
            ),
            'cause': nullif(cause_text, '')
        } order by stage, rule
    ) as broken,
    md5(string_agg(stage || rule, ' ' order by stage, rule)) as state
from quality_expectations
where status = 'failed' and severity = 'warning'
group by table_name
order by table_name
"""

# What was promised of a source's data, judged by the calendar: gold grows old where no run publishes it.
_STALE_SOURCES = """
with

promised as (

    select
        source_name,
        table_name,
        source_label,
        latest_data_on,
        $today::date - 1 - latest_data_on as age_days,
        expected_age_days
    from rpt_data_freshness
    where is_judged and expected_age_days is not null and row_count > 0

),

told_by_gold as (

    select
        freshness.source_name,
        freshness.table_name,
        freshness.source_label,
        freshness.latest_data_on,
        $today::date - 1 - freshness.latest_data_on as age_days,
        case when freshness.is_judged then freshness.expected_age_days end as expected_age_days
    from rpt_data_freshness as freshness
    inner join rpt_exceptions as exceptions
        on
            exceptions.exception_kind = $stale
            and exceptions.entity_id = freshness.source_name || '.' || freshness.table_name

),

stale as (

    select *
    from promised
    where age_days > expected_age_days
    union
    select *
    from told_by_gold

)

select
    source_name,
    first(source_label) as source_label,
    list(
        {'table': table_name, 'latest_on': latest_data_on, 'age': age_days, 'expected': expected_age_days}
        order by table_name
    ) as tables
from stale
group by source_name
order by source_name
"""


def published_conditions(
    root: str, pointer: Mapping[str, Any], limits: StockoutLimits, *, open_ids: Collection[str], today: date
) -> list[Condition]:
    """Stockouts, exceptions, broken expectations and stale sources of a version of gold.

    Args:
        root: The gold root.
        pointer: The manifest of the version.
        limits: From which probability of a stockout somebody is told, and how near a critical one is.
        open_ids: Ids of what was told before: a stockout stays open until it is clearly less likely.
        today: The day by which the age of the data is judged; data of the day before are new.

    Raises:
        PublicationError: The version lacks a table.
    """
    tables = ("rpt_stockout_risk", "rpt_replenishment", "rpt_exceptions", "rpt_data_freshness", "quality_expectations")
    with published_tables(root, pointer, tables) as connection:
        stockouts = rows(
            connection,
            _STOCKOUTS,
            {
                "from_probability": limits.from_probability,
                "until_probability": limits.until_probability,
                "open_ids": sorted(open_ids),
                "prefix": STOCKOUT,
            },
        )
        exceptions = rows(connection, "select * from rpt_exceptions where exception_kind <> $stale", {"stale": _STALE})
        broken = rows(connection, _BROKEN_EXPECTATIONS, {})
        stale = rows(connection, _STALE_SOURCES, {"today": today, "stale": _STALE})
    return [
        *(_stockout(row, limits) for row in stockouts),
        *map(_exception, exceptions),
        *map(_broken, broken),
        *map(_stale_source, stale),
    ]


def _stockout(row: Mapping[str, Any], limits: StockoutLimits) -> Condition:
    unit, days = row["unit_code"], row["days_until_stockout"]
    is_out = row["on_hand_units"] <= 0
    is_near = is_out or (days is not None and days <= limits.critical_within_days)
    if is_out:
        what = "sem estoque"
    elif days is None:
        what = "pode faltar antes da próxima entrega"
    elif days <= 1:
        what = "acaba amanhã" if days == 1 else "acaba hoje"
    else:
        what = f"acaba em {number(days, 0)} dias"
    coming = f"{_quantity(row['on_order_units'], unit)} a caminho"
    if row["next_due_on"] is not None:
        coming += f" (previsto para {day(row['next_due_on'])})"
    seen = [f"Em estoque {_quantity(row['on_hand_units'], unit)}", coming]
    if row["reorder_point_units"] is not None:
        seen.append(f"ponto de pedido {_quantity(row['reorder_point_units'], unit)}")
    seen.append(f"chance de faltar antes da reposição {share(row['stockout_probability'])}")
    if row["exposed_towers_count"]:
        seen.append(f"{number(row['exposed_towers_count'], 0)} torres usam")
    if row["risk_brl"]:
        seen.append(f"risco de {money(row['risk_brl'])}")
    return Condition(
        condition_id=f"{STOCKOUT}{row['item_id']}@{row['location_id']}",
        owner="compras",
        severity="critical" if is_near and row["criticality"] == "vital" else "warning",
        title=f"{row['item_name']} ({row['item_id']}) em {row['location_name']}: {what}",
        detail="; ".join(seen) + ".",
        action=_purchase(row),
        page=_item_page(row["item_id"], row["location_id"]),
        state="out" if is_out else "low",
        weight=float(row["risk_brl"] or 0),
    )


def _quantity(units: Any, unit: str | None) -> str:
    return f"{number(units, 3)} {unit}" if unit else number(units, 3)


def _purchase(row: Mapping[str, Any]) -> str:
    if row["is_below_reorder_point"] and row["order_quantity_units"]:
        supplier = f" de {row['supplier_name']}" if row["supplier_name"] else ""
        by = f" até {day(row['order_by_on'])}" if row["order_by_on"] else ""
        return f"Comprar {_quantity(row['order_quantity_units'], row['unit_code'])}{supplier}{by}."
    if row["on_order_units"] > 0:
        return "Cobrar a entrega do que já foi pedido."
    return "Conferir o item no relatório e decidir a compra."


def _exception(row: Mapping[str, Any]) -> Condition:
    kind, entity = row["exception_kind"], row["entity_id"]
    item, _, location = entity.partition(" / ")
    name = EXCEPTION_NAMES.get(kind, "Exceção")
    return Condition(
        condition_id=f"{EXCEPTION}{kind}:{entity}",
        owner=owner_of(row["owner_name"]),
        severity=_EXCEPTION_SEVERITIES.get(row["severity"], "warning"),
        title=f"{name}: {entity}",
        detail=f"{row['seen_text']} Desde {day(row['since_on'])}.",
        action=row["action_text"],
        page=_item_page(item, location) if location else "",
        state=row["severity"],
    )


def _broken(row: Mapping[str, Any]) -> Condition:
    name, told = row["table_name"], row["broken"]
    causes = dict.fromkeys(found["cause"] for found in told if found["cause"])
    return Condition(
        condition_id=f"{QUALITY}{name}",
        owner="ti",
        severity="info",
        title=f"Qualidade dos dados: {row['table_title'] or name} ({name})",
        detail=" ".join(f"{found['claim'].rstrip('.')}: {found['seen']}." for found in told),
        action=f"Conferir na fonte. {' '.join(causes)}".rstrip(),
        page="qualidade/",
        state=row["state"],
    )


def _stale_source(row: Mapping[str, Any]) -> Condition:
    tables = row["tables"]
    return Condition(
        condition_id=f"{FRESHNESS}{row['source_name']}",
        owner="ti",
        severity="warning",
        title=f"{EXCEPTION_NAMES[_STALE]}: {row['source_label']}",
        detail=" ".join(_age(table) for table in tables),
        action="Conferir a fonte e as últimas cargas, e repetir a carga com `nova run`.",
        page="qualidade/",
        state=" ".join(table["table"] for table in tables),
    )


def _age(table: Mapping[str, Any]) -> str:
    if table["latest_on"] is None:
        return f"{table['table']}: nenhum dado recebido."
    usual = "" if table["expected"] is None else f"; o normal é até {_days(table['expected'])}"
    return f"{table['table']}: último dado de {day(table['latest_on'])}, há {_days(table['age'])}{usual}."


def _days(count: int) -> str:
    return f"{number(count, 0)} {'dia' if count == 1 else 'dias'}"


def _item_page(item_id: str, location_id: str) -> str:
    return f"item/?{urlencode({'item': item_id, 'local': location_id})}"


def failure_conditions(failed: Mapping[str, str], *, data_to: str | None) -> list[Condition]:
    """One condition for each cause for which a run failed.

    Args:
        failed: Cause, such as the source ``inmet`` or the step ``warehouse``, and what was seen, without secrets.
        data_to: Last day of the data that stay published; None before the first publication.
    """
    stays = f"; segue publicada a versão com dados até {data_to}" if data_to else ""
    return [
        Condition(
            condition_id=f"{RUN}{cause}:failed",
            owner="ti",
            severity="critical",
            title=f"Carga diária parada: {SOURCE_NAMES.get(cause, cause)}",
            detail=message,
            action=f"Corrigir a causa e repetir a carga com `nova run`{stays}.",
            page="",
            state=_kind_of(message),
        )
        for cause, message in sorted(failed.items())
    ]


def failure_scope(causes: Collection[str]) -> tuple[str, ...]:
    """Prefixes of the conditions that a run speaks of, when it tried these causes."""
    return tuple(f"{RUN}{cause}:" for cause in sorted(causes))


def _kind_of(message: str) -> str:
    """The same trouble on another day differs in figures, dates and run ids only."""
    words = re.sub(r"\S*\d\S*", "#", message)
    return hashlib.sha256(words.encode()).hexdigest()[:12]
