"""Alerts in Portuguese, as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from publication.alerts.ledger import Change, Event
from publication.alerts.settings import BAHIA, OWNER_NAMES

LISTED = 25  # conditions that one message spells out for an owner; the rest are counted
_OWNERS = {name: owner for owner, name in OWNER_NAMES.items()}
_CHANGE_NAMES = {
    Change.NEW: "Novo",
    Change.CHANGED: "Mudou",
    Change.REMINDER: "Continua",
    Change.CLEARED: "Resolvido",
}
_SEVERITY_NAMES = {"critical": "crítico", "warning": "atenção", "info": "aviso"}


@dataclass(frozen=True)
class Message:
    """One message: a subject line, plain text, HTML, and the names of files that go with it."""

    subject: str
    text: str
    html: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Section:
    name: str
    events: Sequence[Event]
    hidden: int


def owner_of(name: str) -> str:
    """The owner, as the settings call it, for the name that gold writes; a name without one stands for itself."""
    return _OWNERS.get(name, name.lower())


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
        text=render("alerts.txt.j2", values),
        html=render("alerts.html.j2", values),
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


def render(template: str, values: Mapping[str, Any]) -> str:
    """A message from a template of this package; HTML templates escape what they are given."""
    return _templates().get_template(template).render(values)


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
