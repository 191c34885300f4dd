"""What stands wrong today: stockouts and exceptions of a published version of gold, and what a run could not do.

Texts are Portuguese, as the people who act on them read them. Limits come from the alert settings.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlencode

from publication.alerts.ledger import Condition
from publication.alerts.messages import owner_of
from publication.alerts.settings import StockoutLimits
from publication.snapshot.words import day, money, number, share
from publication.tables import published_tables, rows

STOCKOUT, EXCEPTION, RUN = "stockout:", "exception:", "run:"
PUBLISHED_SCOPE = (STOCKOUT, EXCEPTION)

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


def published_conditions(
    root: str, pointer: Mapping[str, Any], limits: StockoutLimits, *, open_ids: Collection[str]
) -> list[Condition]:
    """Stockouts and exceptions of a version of gold.

    Args:
        root: The gold root.
        pointer: The manifest of the version.
        limits: From which probability of a stockout somebody is told, and how near a critical one is.
        open_ids: Ids of what was told before: a stockout stays open until it is clearly less likely.

    Raises:
        PublicationError: The version lacks a table.
    """
    tables = ("rpt_stockout_risk", "rpt_replenishment", "rpt_exceptions")
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
        exceptions = rows(connection, "select * from rpt_exceptions", {})
    return [*(_stockout(row, limits) for row in stockouts), *map(_exception, exceptions)]


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
