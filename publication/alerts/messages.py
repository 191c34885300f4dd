"""Alerts in Portuguese, as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from publication.alerts.ledger import Change, Event
from publication.alerts.settings import BAHIA

LISTED = 25  # conditions that one message spells out for an owner; the rest are counted
OWNER_NAMES = {
    "compras": "Compras",
    "suprimentos": "Suprimentos",
    "manutencao": "Manutenção",
    "dados": "Dados",
    "diretoria": "Diretoria",
}
_CHANGE_NAMES = {
    Change.NEW: "Novo",
    Change.CHANGED: "Mudou",
    Change.REMINDER: "Continua",
    Change.CLEARED: "Resolvido",
}
_SEVERITY_NAMES = {"critical": "crítico", "warning": "atenção", "info": "aviso"}


@dataclass(frozen=True)
class Message:
    """One message: a subject line, plain text and HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Section:
    name: str
    events: Sequence[Event]
    hidden: int


def write_message(events: Sequence[Event], *, report_url: str, now: datetime) -> Message:
    """One message about all events, grouped by owner, worst first.

    Args:
        events: What to tell, at least one.
        report_url: Address that pages are relative to; no links without one.
        now: Time of the message (UTC), shown in local time.
    """
    owners = sorted({event.condition.owner for event in events})
    ordered = sorted(events, key=lambda event: owners.index(event.condition.owner))  # stable: worst first within
    sections = []
    for owner, group in groupby(ordered, key=lambda event: event.condition.owner):
        listed = list(group)
        name = OWNER_NAMES.get(owner, owner)
        sections.append(_Section(name, listed[:LISTED], max(0, len(listed) - LISTED)))
    standing = [event for event in events if event.change is not Change.CLEARED]
    critical = sum(event.condition.severity == "critical" for event in standing)
    cleared = len(events) - len(standing)
    values = {
        "sections": sections,
        "summary": _summary(len(standing), critical, cleared),
        "report_url": report_url,
        "now": now.astimezone(BAHIA),
    }
    return Message(
        subject=f"Nova Corrente: {_summary(len(standing), critical, cleared)}",
        text=_templates().get_template("alerts.txt.j2").render(values),
        html=_templates().get_template("alerts.html.j2").render(values),
    )


def _summary(standing: int, critical: int, cleared: int) -> str:
    parts = []
    if standing:
        parts.append(f"{standing} {'alerta' if standing == 1 else 'alertas'}")
    if critical:
        parts.append(f"{critical} {'crítico' if critical == 1 else 'críticos'}")
    if cleared:
        parts.append(f"{cleared} {'resolvido' if cleared == 1 else 'resolvidos'}")
    return ", ".join(parts)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("publication.alerts"),
        autoescape=select_autoescape(["html.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["change_name"] = lambda change: _CHANGE_NAMES[change]
    environment.filters["severity_name"] = lambda severity: _SEVERITY_NAMES[severity]
    environment.filters["day"] = lambda moment: f"{moment.astimezone(BAHIA):%d/%m/%Y}"
    return environment
