"""The managers' week: main figures of published gold beside those of the week before, with the report attached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from publication import gold
from publication.alerts.messages import Message, render
from publication.alerts.outbox import enqueue_message
from publication.alerts.settings import BAHIA, AlertSettings
from publication.snapshot.words import day, money, number, share
from publication.store import GoldStore
from publication.tables import published_tables, rows

MANAGERS = "diretoria"
WEEK = timedelta(days=7)

# As the report counts them: an item counts once, wherever it is short; a month counts when it is over.
_FIGURES = """
with plans as (

    select
        count(distinct item_id) filter (where status = 'order_now') as order_items,
        coalesce(sum(order_value_brl) filter (where status = 'order_now'), 0) as order_value_brl,
        count(distinct item_id) filter (
            where on_hand_units <= 0 and demand_mean_units_per_day > 0
        ) as out_items,
        count(distinct item_id) filter (
            where on_hand_units <= 0 and demand_mean_units_per_day > 0 and criticality = 'vital'
        ) as out_vital_items,
        coalesce(sum(greatest(on_hand_units, 0) * unit_cost_brl), 0) as stock_value_brl
    from rpt_replenishment

),

excess as (

    select coalesce(sum(excess_value_brl), 0) as excess_value_brl
    from rpt_excess

),

late as (

    select
        count(*) as overdue_lines,
        coalesce(sum(open_units * unit_price_brl), 0) as overdue_value_brl
    from fact_purchase_orders
    where is_overdue and open_units > 0

),

service as (

    select
        max(month_on) as service_month_on,
        sum(lines_met_count) / nullif(sum(demand_lines_count), 0) as line_fill_rate
    from rpt_service_level
    where
        month_on = (
            select max(month_on)
            from rpt_service_level
            where month_on < date_trunc('month', $as_of_on::date)
        )

),

penalties as (

    select
        max(month_on) as penalty_month_on,
        sum(penalty_brl) as penalty_brl
    from rpt_sla
    where
        month_on = (
            select max(month_on)
            from rpt_sla
            where month_on < date_trunc('month', $as_of_on::date)
        )

),

exceptions as (

    select count(*) as exceptions_count
    from rpt_exceptions

)

select *
from plans, excess, late, service, penalties, exceptions
"""
_TABLES = ("rpt_replenishment", "rpt_excess", "fact_purchase_orders", "rpt_service_level", "rpt_sla", "rpt_exceptions")


def _count(value: Any) -> str:
    return number(value, 0)


# what it is called, its column, how it is written, the page that shows more
_LINES: Sequence[tuple[str, str, Callable[[Any], str], str]] = (
    ("Itens a comprar", "order_items", _count, "compras/"),
    ("Valor das compras sugeridas", "order_value_brl", money, "compras/"),
    ("Itens sem estoque", "out_items", _count, ""),
    ("… dos quais vitais", "out_vital_items", _count, ""),
    ("Linhas de pedido em atraso", "overdue_lines", _count, ""),
    ("Valor em atraso", "overdue_value_brl", money, ""),
    ("Valor em estoque", "stock_value_brl", money, ""),
    ("… do qual em excesso", "excess_value_brl", money, ""),
    ("Requisições atendidas na hora, último mês fechado", "line_fill_rate", share, ""),
    ("Multas de SLA, último mês fechado", "penalty_brl", money, ""),
    ("Exceções a resolver", "exceptions_count", _count, ""),
)


@dataclass(frozen=True)
class Figure:
    """One line of the summary: its name, the value now and a week before as text, and the page that shows more."""

    name: str
    now: str
    before: str
    page: str


def figures(root: str, pointer: Mapping[str, Any]) -> dict[str, Any]:
    """Main figures of a version of gold, by column.

    Raises:
        PublicationError: The version lacks a table, or the data say no day.
    """
    if not pointer.get("as_of_on"):
        raise gold.PublicationError(f"gold {pointer['version']} holds no closed day yet: there is no week to sum up")
    with published_tables(root, pointer, _TABLES) as connection:
        (found,) = rows(connection, _FIGURES, {"as_of_on": pointer["as_of_on"]})
    return found


def week_before(store: GoldStore, pointer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The newest version that was published at least a week before the given one; None where none is kept."""
    limit = datetime.fromisoformat(str(pointer["generated_at"])) - WEEK
    older = [m for m in gold.versions(store) if datetime.fromisoformat(str(m["generated_at"])) <= limit]
    return older[-1] if older else None


def weekly_message(store: GoldStore, *, report_url: str) -> Message:
    """The summary of the current version of gold.

    Args:
        store: Gold.
        report_url: Address that pages are relative to; no links without one.

    Raises:
        PublicationError: Nothing is published, or the version lacks a table.
    """
    pointer = gold.current(store)
    if pointer is None:
        raise gold.PublicationError(f"nothing is published in {store.root}; run the daily job first")
    present = figures(store.root, pointer)
    earlier = week_before(store, pointer)
    past = figures(store.root, earlier) if earlier is not None else {}
    lines = [
        Figure(name, write(present.get(column)), write(past.get(column)), page) for name, column, write, page in _LINES
    ]
    attachment = f"nova-corrente-{pointer['as_of_on']}.html"
    values = {
        "figures": lines,
        "data_to": day(pointer["as_of_on"]),
        "before_to": day(earlier["as_of_on"]) if earlier else "",
        "report_url": report_url,
        "attachment": attachment,
    }
    return Message(
        subject=f"Nova Corrente: resumo da semana, dados até {values['data_to']}",
        text=render("weekly.txt.j2", values),
        html=render("weekly.html.j2", values),
        attachments=(attachment,),
    )


def announce_week(
    alerts: GoldStore, settings: AlertSettings, message: Message, now: datetime, *, report: Path
) -> list[str]:
    """Put the summary into the outbox of every channel that managers read, once a week.

    Args:
        alerts: The alerts root.
        settings: Channels; one that names owners gets it only if managers are among them.
        message: The summary.
        now: Time of the message (UTC).
        report: The report as one self-contained HTML file.

    Returns:
        Names of the channels it was put out for; empty when the week was summed up already.
    """
    year, week, _ = now.astimezone(BAHIA).isocalendar()
    content = {
        "created_at": now.isoformat(timespec="seconds"),
        "is_critical": False,
        "owners": [MANAGERS],
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "events": [],
    }
    attachments = {report.name: report.read_bytes()}
    return [
        channel.name
        for channel in settings.channels
        if (not channel.owners or MANAGERS in channel.owners)
        and enqueue_message(alerts, channel, f"{year}-w{week:02d}-{channel.name}", content, attachments)
    ]
