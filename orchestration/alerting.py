"""What is told after a publication, after a run and once a week: published gold and the settings meet the outbox.

One process at a time compares and sends: a lock beside the data keeps a sensor and a run from telling the same thing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from orchestration.platform import Platform
from publication import gold
from publication.alerts.conditions import (
    PUBLISHED_SCOPE,
    failure_conditions,
    failure_scope,
    published_conditions,
)
from publication.alerts.ledger import Condition, Event, Ledger
from publication.alerts.messages import Message, write_message
from publication.alerts.outbox import LEDGER, Sending, announce, compare, has_deliverable, send_pending
from publication.alerts.settings import BAHIA, AlertSettings, ChannelSettings, read_alert_settings
from publication.alerts.weekly import announce_week, weekly_message
from publication.snapshot import write_snapshot
from publication.store import GoldStore

DEFAULT_REPORT_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Told:
    """What was new, changed, due again or cleared, worst first, and what became of the outbox."""

    events: Sequence[Event]
    sending: Sending


def alert_settings(place: Platform, environment: Mapping[str, str]) -> AlertSettings:
    """The settings that ALERTS_SETTINGS names; without it, messages become files in ``alerts/`` of the data folder.

    Raises:
        AlertSettingsError: The file cannot be used.
    """
    stated = environment.get("ALERTS_SETTINGS")
    if stated:
        return read_alert_settings(Path(stated), environment)
    folder = ChannelSettings("file", "file", (), {"folder": str(place.alerts)})
    return AlertSettings(channels=(folder,), report_url=environment.get("REPORT_URL") or DEFAULT_REPORT_URL)


def day_of(environment: Mapping[str, str], now: datetime) -> date:
    """The day to judge the age of data by: NOVA_TODAY, or the day it is in Bahia."""
    stated = environment.get("NOVA_TODAY")
    return date.fromisoformat(stated) if stated else now.astimezone(BAHIA).date()


def tell_publication(place: Platform, settings: AlertSettings, now: datetime, *, today: date) -> Told:
    """Tell what changed in published gold, and send whatever still waits in the outbox.

    Args:
        place: The installation.
        settings: Channels and limits.
        now: The time (UTC).
        today: The day that the data should be new on.

    Raises:
        PublicationError: Nothing is published, or the version lacks a table.
    """
    store = GoldStore(place.alerts_root)
    with _alone(place):
        conditions = _published(place, settings, store, today)
        events = announce(store, settings, conditions, now, scope=PUBLISHED_SCOPE)
        return Told(events, send_pending(store, settings, now))


def preview(
    place: Platform, settings: AlertSettings, now: datetime, *, today: date
) -> tuple[list[Event], Message | None]:
    """What `tell_publication` would tell, and the message to someone who is told everything; writes nothing."""
    store = GoldStore(place.alerts_root)
    conditions = _published(place, settings, store, today)
    _, events = compare(store, settings, conditions, now, scope=PUBLISHED_SCOPE)
    return events, write_message(events, report_url=settings.report_url, now=now) if events else None


def tell_run(
    place: Platform,
    settings: AlertSettings,
    now: datetime,
    *,
    failed: Mapping[str, str],
    succeeded: Collection[str],
) -> Told:
    """Tell why a run failed, once for each cause, and close what it mended.

    Args:
        place: The installation.
        settings: Channels.
        now: The time (UTC).
        failed: Cause, such as the source ``inmet`` or the step ``warehouse``, and what was seen, without secrets.
        succeeded: Causes that the run tried and that did not fail. What it did not come to is left as it is.
    """
    store = GoldStore(place.alerts_root)
    with _alone(place):
        pointer = gold.current(GoldStore(place.gold_root))
        as_of = str(pointer["as_of_on"]) if pointer and pointer.get("as_of_on") else None
        data_to = f"{datetime.fromisoformat(as_of):%d/%m/%Y}" if as_of else None
        conditions = failure_conditions(failed, data_to=data_to)
        scope = failure_scope({*failed, *succeeded})
        events = announce(store, settings, conditions, now, scope=scope)
        return Told(events, send_pending(store, settings, now))


def tell_week(place: Platform, settings: AlertSettings, now: datetime) -> Sending:
    """Send managers the week's figures with the report as one file, unless they have this week's.

    Raises:
        PublicationError: Nothing is published, or the version lacks a table.
        SnapshotError: The report cannot be written as one file.
    """
    message = preview_week(place, settings)
    report = write_snapshot(place.gold_root, place.snapshots / message.attachments[0])
    store = GoldStore(place.alerts_root)
    with _alone(place):
        announce_week(store, settings, message, now, report=report)
        return send_pending(store, settings, now)


def preview_week(place: Platform, settings: AlertSettings) -> Message:
    """The week's summary; writes nothing."""
    return weekly_message(GoldStore(place.gold_root), report_url=settings.report_url)


def open_alerts(place: Platform) -> list[Condition]:
    """What was told and has not cleared."""
    ledger = Ledger.from_json(GoldStore(place.alerts_root).read(LEDGER))
    return [alert.condition for alert in ledger.open_alerts.values()]


def is_telling_due(place: Platform, settings: AlertSettings, now: datetime, *, today: date) -> bool:
    """Whether something waits in the outbox that may go out now, or data grew too old since it was last looked at."""
    if has_deliverable(GoldStore(place.alerts_root), settings, now):
        return True
    return gold.current(GoldStore(place.gold_root)) is not None and bool(preview(place, settings, now, today=today)[0])


def _published(place: Platform, settings: AlertSettings, alerts: GoldStore, today: date) -> list[Condition]:
    pointer = gold.current(GoldStore(place.gold_root))
    if pointer is None:
        raise gold.PublicationError(f"nothing is published in {place.gold_root}; run the daily job first")
    open_ids = Ledger.from_json(alerts.read(LEDGER)).open_alerts
    return published_conditions(place.gold_root, pointer, settings.stockouts, open_ids=open_ids, today=today)


@contextmanager
def _alone(place: Platform) -> Iterator[None]:
    """Wait until no other process of this installation compares and sends."""
    place.data.mkdir(parents=True, exist_ok=True)
    with (place.data / "alerts.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # closing the file gives it back, also when the process is killed
        yield
