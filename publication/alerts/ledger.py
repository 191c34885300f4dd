"""What is open, since when, and when it was last told: the memory that keeps an alert from being told twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

SEVERITIES = ("critical", "warning", "info")  # worst first


class Change(StrEnum):
    """Why a condition is told."""

    NEW = "new"
    CHANGED = "changed"
    REMINDER = "reminder"
    CLEARED = "cleared"


@dataclass(frozen=True)
class Condition:
    """Something that a person should act on.

    Attributes:
        condition_id: Stable name: the same trouble has the same id day after day.
        owner: Role that acts on it, such as ``compras``.
        severity: One of `SEVERITIES`.
        title: What is wrong, in one Portuguese phrase.
        detail: What was seen, with figures and units.
        action: What to do.
        page: Report page that shows it, relative to the site's root.
        state: What has to differ for the condition to be told again before its reminder.
        weight: Worst first within a severity; BRL at risk where it is known.
    """

    condition_id: str
    owner: str
    severity: str
    title: str
    detail: str
    action: str
    page: str
    state: str = ""
    weight: float = 0.0

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"condition {self.condition_id} has severity {self.severity!r}: use one of {SEVERITIES}")


@dataclass(frozen=True)
class OpenAlert:
    """A condition that was told and has not cleared, with the moments (UTC) at which it began and was last told."""

    condition: Condition
    since: datetime
    told_at: datetime


@dataclass(frozen=True)
class Event:
    """One thing to tell: a condition, why it is told, and since when it stands."""

    change: Change
    condition: Condition
    since: datetime


@dataclass(frozen=True)
class Ledger:
    """All open alerts by condition id."""

    open_alerts: Mapping[str, OpenAlert]

    def to_json(self) -> bytes:
        """The ledger as it is kept."""
        rows = [
            {"condition": asdict(a.condition), "since": a.since.isoformat(), "told_at": a.told_at.isoformat()}
            for _, a in sorted(self.open_alerts.items())
        ]
        return json.dumps(rows, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, content: bytes | None) -> Ledger:
        """The kept ledger, empty where there is none."""
        rows: list[dict[str, Any]] = [] if content is None else json.loads(content)
        alerts = (
            OpenAlert(
                Condition(**row["condition"]),
                datetime.fromisoformat(row["since"]),
                datetime.fromisoformat(row["told_at"]),
            )
            for row in rows
        )
        return cls({alert.condition.condition_id: alert for alert in alerts})

    def update(
        self, conditions: Iterable[Condition], now: datetime, *, scope: Iterable[str], remind_after: timedelta
    ) -> tuple[Ledger, list[Event]]:
        """Compare what stands now with what was told.

        Args:
            conditions: What stands now.
            now: Time of the comparison (UTC).
            scope: Prefixes of the condition ids that `conditions` speaks of; open alerts outside are left alone.
            remind_after: A condition that stands unchanged so long is told again.

        Returns:
            The ledger after telling, and what to tell, worst first.

        Raises:
            ValueError: Two conditions have one id, or one lies outside the scope.
        """
        prefixes = tuple(scope)
        present: dict[str, Condition] = {}
        for condition in conditions:
            if condition.condition_id in present:
                raise ValueError(f"two conditions are called {condition.condition_id}: their ids must differ")
            if not condition.condition_id.startswith(prefixes):
                raise ValueError(f"condition {condition.condition_id} lies outside the scope {prefixes}")
            present[condition.condition_id] = condition

        kept = {key: alert for key, alert in self.open_alerts.items() if not key.startswith(prefixes)}
        events: list[Event] = []
        for key, condition in present.items():
            known = self.open_alerts.get(key)
            change = _change(known, condition, now, remind_after)
            since = now if known is None else known.since
            if change is not None:
                events.append(Event(change, condition, since))
                kept[key] = OpenAlert(condition, since, now)
            elif known is not None:
                kept[key] = replace(known, condition=condition)
        for key, alert in self.open_alerts.items():
            if key.startswith(prefixes) and key not in present:
                events.append(Event(Change.CLEARED, alert.condition, alert.since))
        events.sort(key=_worst_first)
        return Ledger(kept), events


def _change(known: OpenAlert | None, condition: Condition, now: datetime, remind_after: timedelta) -> Change | None:
    if known is None:
        return Change.NEW
    if (known.condition.severity, known.condition.state) != (condition.severity, condition.state):
        return Change.CHANGED
    return Change.REMINDER if now - known.told_at >= remind_after else None


def _worst_first(event: Event) -> tuple[bool, int, float, str]:
    condition = event.condition
    is_cleared = event.change is Change.CLEARED
    return is_cleared, SEVERITIES.index(condition.severity), -condition.weight, condition.condition_id
