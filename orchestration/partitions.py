"""Days and months that can be asked for again, and what a run was asked for."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg

from extractors import catalog
from extractors.lake import BronzeTable, Landing
from extractors.settings import Window

TIME_ZONE = "America/Bahia"
_FIRST = "2015-01-01"
# A day is over before it is read; the month that runs is read again until it is over.
DAYS = dg.DailyPartitionsDefinition(_FIRST, timezone=TIME_ZONE)
MONTHS = dg.MonthlyPartitionsDefinition(_FIRST, timezone=TIME_ZONE, end_offset=1)
_BY: dict[str | None, dg.TimeWindowPartitionsDefinition | None] = {"day": DAYS, "month": MONTHS, None: None}
# A run without partition tells Dagster of the newest partitions that it read, which its look-back reaches day by day.
# Each costs Dagster an event of some 15 ms, so years of history are told as one span in the metadata.
_TOLD = 3


def partitions_of(table: BronzeTable) -> dg.TimeWindowPartitionsDefinition | None:
    """Days for the ERP's events, months for the public sources, none for what can only be read as it stands now."""
    return _BY[catalog.asked_for_by(table)]


def key_range(table: BronzeTable, window: Window) -> tuple[str, str]:
    """First and last partition key of the days or months that a window lies in.

    Raises:
        ValueError: The table can only be read as it stands now, or the window leaves the partitions that there are.
    """
    partitions = partitions_of(table)
    if partitions is None:
        raise ValueError(f"{table.name} can only be read as it stands now, not for {window}")
    days = (window.first, window.last) if partitions is DAYS else (_month_of(window.first), _month_of(window.last))
    for day in days:
        if not _exists(partitions, day.isoformat()):
            raise ValueError(
                f"{day} of {table.name} cannot be asked for: there is {_FIRST} to {partitions.get_last_partition_key()}"
            )
    return days[0].isoformat(), days[1].isoformat()


def window_of(context: dg.AssetExecutionContext) -> Window | None:
    """The days that a run was asked for; None for an ordinary run, which reads what is new."""
    if not (context.has_partition_key or context.has_partition_key_range):
        return None
    span = context.partition_time_window
    return Window(span.start.date(), span.end.date() - timedelta(days=1))


def touched(landing: Landing) -> list[str]:
    """The newest partitions that a reading covered as a whole or in part, oldest first."""
    partitions = partitions_of(landing.table)
    if partitions is None or landing.last_read is None:
        return []
    keys: list[str] = []
    day = landing.last_read
    while len(keys) < _TOLD and (landing.first_read is None or day >= landing.first_read):
        first = day if partitions is DAYS else _month_of(day)
        keys.append(first.isoformat())
        day = first - timedelta(days=1)
    return [key for key in reversed(keys) if _exists(partitions, key)]


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _exists(partitions: dg.TimeWindowPartitionsDefinition, key: str) -> bool:
    """Whether a day or month is over, or is the month that runs; a target rate reaches into later ones."""
    last = partitions.get_last_partition_key()
    return last is not None and date.fromisoformat(_FIRST) <= date.fromisoformat(key) <= date.fromisoformat(last)
