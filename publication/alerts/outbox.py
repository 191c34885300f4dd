"""Alerts on their way: written before the ledger says that they were told, removed only after they went out.

Layout under the alerts root::

    ledger.json                     what is open and when it was last told
    outbox/<key>/delivery.json      one message for one channel, not yet sent; its attachments lie beside it
    delivered/<key>/delivery.json   the same after it was sent

A key follows from the ledger before, the events and the channel: a run that was killed and starts again writes the same
deliveries, and those that already went out are not sent again. A crash between sending and noting it can repeat one
message; it carries the same key, by which the receiver can tell.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from publication.alerts.channels import DeliveryError, deliver
from publication.alerts.ledger import Change, Condition, Event, Ledger
from publication.alerts.messages import write_message
from publication.alerts.settings import AlertSettings, ChannelSettings
from publication.store import GoldStore

LEDGER, OUTBOX, DELIVERED, DELIVERY = "ledger.json", "outbox", "delivered", "delivery.json"
ATTEMPTS = 3
FIRST_WAIT_SECONDS = 2.0
KEEP_DELIVERED = timedelta(days=90)


@dataclass(frozen=True)
class Sending:
    """What became of the outbox.

    Attributes:
        sent: Keys that went out.
        waiting: Keys that wait for the quiet hours to end.
        failed: Why a delivery did not go out, by key; it stays in the outbox.
    """

    sent: Sequence[str]
    waiting: Sequence[str]
    failed: Mapping[str, str]


def compare(
    store: GoldStore, settings: AlertSettings, conditions: Iterable[Condition], now: datetime, *, scope: Iterable[str]
) -> tuple[Ledger, list[Event]]:
    """The ledger after telling, and what is to be told; writes nothing. See `Ledger.update`."""
    before = Ledger.from_json(store.read(LEDGER))
    return before.update(conditions, now, scope=scope, remind_after=timedelta(days=settings.remind_after_days))


def announce(
    store: GoldStore, settings: AlertSettings, conditions: Iterable[Condition], now: datetime, *, scope: Iterable[str]
) -> list[Event]:
    """Put what is new, changed, cleared or due again into the outbox of every channel, then note it as told.

    Args:
        store: The alerts root.
        settings: Channels and when to remind.
        conditions: What stands now.
        now: Time of the comparison (UTC).
        scope: Prefixes of the condition ids that `conditions` speaks of.

    Returns:
        What is told, worst first.
    """
    before = store.read(LEDGER) or b""
    ledger, events = compare(store, settings, conditions, now, scope=scope)
    for channel in settings.channels:
        chosen = [e for e in events if not channel.owners or e.condition.owner in channel.owners]
        if chosen:
            _enqueue(store, settings, channel, chosen, before=before, now=now)
    store.write(LEDGER, ledger.to_json())
    return events


def enqueue_message(
    store: GoldStore,
    channel: ChannelSettings,
    key: str,
    message: Mapping[str, Any],
    attachments: Mapping[str, bytes] | None = None,
) -> bool:
    """Put one delivery into the outbox; False if it is there or went out already."""
    if store.read(f"{OUTBOX}/{key}/{DELIVERY}") is not None or store.read(f"{DELIVERED}/{key}/{DELIVERY}") is not None:
        return False
    attached = attachments or {}
    for name, content in attached.items():
        store.write(f"{OUTBOX}/{key}/{name}", content)
    note = {"key": key, "channel": channel.name, "attempts": 0, "last_error": None, "attachments": sorted(attached)}
    # last: without it the folder is a delivery that was never finished
    store.write(f"{OUTBOX}/{key}/{DELIVERY}", json.dumps({**note, **message}, ensure_ascii=False, indent=1).encode())
    return True


def _enqueue(
    store: GoldStore,
    settings: AlertSettings,
    channel: ChannelSettings,
    events: Sequence[Event],
    *,
    before: bytes,
    now: datetime,
) -> None:
    identity = [channel.name, [(e.change, e.condition.condition_id, e.condition.state) for e in events]]
    key = hashlib.sha256(before + json.dumps(identity).encode()).hexdigest()[:24]
    message = write_message(events, report_url=settings.report_url, now=now)
    enqueue_message(
        store,
        channel,
        key,
        {
            "created_at": now.isoformat(timespec="seconds"),
            "is_critical": any(e.condition.severity == "critical" and e.change is not Change.CLEARED for e in events),
            "owners": sorted({e.condition.owner for e in events}),
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "events": [
                {"change": e.change, "since": e.since.isoformat(timespec="seconds"), **asdict(e.condition)}
                for e in events
            ],
        },
    )


def send_pending(
    store: GoldStore,
    settings: AlertSettings,
    now: datetime,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Sending:
    """Send what is in the outbox, oldest first. A channel that does not answer is not asked again for the others.

    Args:
        store: The alerts root.
        settings: Channels and quiet hours.
        now: The time (UTC).
        wait: Sleeps between two attempts at one delivery.
    """
    channels = {channel.name: channel for channel in settings.channels}
    sent: list[str] = []
    waiting: list[str] = []
    failed: dict[str, str] = {}
    down: dict[str, str] = {}
    pending = [_read(store, f"{OUTBOX}/{key}") for key in store.folders(OUTBOX)]
    for delivery in sorted((d for d in pending if d is not None), key=lambda d: (d["created_at"], d["key"])):
        key = delivery["key"]
        channel = channels.get(delivery["channel"])
        if store.read(f"{DELIVERED}/{key}/{DELIVERY}") is not None:  # killed while it was being moved
            store.delete_folder(f"{OUTBOX}/{key}")
        elif channel is None:
            failed[key] = f"channel {delivery['channel']} is no longer in the alert settings"
        elif settings.is_quiet(now) and not delivery["is_critical"]:
            waiting.append(key)
        elif channel.name in down:
            failed[key] = down[channel.name]
        else:
            error = _attempt(store, channel, delivery, wait)
            if error is None:
                _move(store, delivery, now)
                sent.append(key)
            else:
                failed[key] = down[channel.name] = error
                again = {**delivery, "attempts": delivery["attempts"] + ATTEMPTS, "last_error": error}
                store.write(f"{OUTBOX}/{key}/{DELIVERY}", json.dumps(again, ensure_ascii=False, indent=1).encode())
    _forget(store, now)
    return Sending(sent, waiting, failed)


def has_deliverable(store: GoldStore, settings: AlertSettings, now: datetime) -> bool:
    """Whether the outbox holds something that may go out now, quiet hours considered."""
    channels = {channel.name for channel in settings.channels}
    is_quiet = settings.is_quiet(now)
    pending = (_read(store, f"{OUTBOX}/{key}") for key in store.folders(OUTBOX))
    return any(d is not None and d["channel"] in channels and (d["is_critical"] or not is_quiet) for d in pending)


def _attempt(
    store: GoldStore, channel: ChannelSettings, delivery: Mapping[str, Any], wait: Callable[[float], None]
) -> str | None:
    """Try a few times; None when it went out, else why not."""
    error = ""
    attachments = {name: store.read(f"{OUTBOX}/{delivery['key']}/{name}") for name in delivery["attachments"]}
    whole = {name: content for name, content in attachments.items() if content is not None}
    if lost := sorted(set(attachments) - set(whole)):
        return f"{lost} is missing beside {OUTBOX}/{delivery['key']}/{DELIVERY}; remove that folder and send anew"
    for attempt in range(ATTEMPTS):
        if attempt:
            wait(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
        try:
            deliver(channel, delivery, whole)
        except DeliveryError as caught:
            error = str(caught)
        else:
            return None
    return error


def _move(store: GoldStore, delivery: Mapping[str, Any], now: datetime) -> None:
    done = {**delivery, "delivered_at": now.isoformat(timespec="seconds")}
    store.write(f"{DELIVERED}/{delivery['key']}/{DELIVERY}", json.dumps(done, ensure_ascii=False, indent=1).encode())
    store.delete_folder(f"{OUTBOX}/{delivery['key']}")


def _forget(store: GoldStore, now: datetime) -> None:
    """Remove deliveries that went out long ago."""
    for key in store.folders(DELIVERED):
        delivery = _read(store, f"{DELIVERED}/{key}")
        if delivery is None or now - datetime.fromisoformat(delivery["delivered_at"]) > KEEP_DELIVERED:
            store.delete_folder(f"{DELIVERED}/{key}")


def _read(store: GoldStore, folder: str) -> dict[str, Any] | None:
    """A delivery; None where a killed run left a folder before the delivery was in it."""
    content = store.read(f"{folder}/{DELIVERY}")
    return None if content is None else dict(json.loads(content))
