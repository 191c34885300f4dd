"""The world that every policy meets: the same demand, opening stock, orders on the way, launches, costs and suppliers.

Days are day numbers; a series is an item at a location (series = item x locations + location).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.assumptions import LAUNCH_COVER_DAYS, REVIEW_WINDOW_DAYS
from simulator.clock import day_number, day_of, first_of_month, local_days, month_number
from simulator.demand import NORMAL, RETURN
from simulator.economy import Economy
from simulator.grouping import running_sum
from simulator.history import History
from simulator.streams import Floats, Ints
from simulator.supply import LAUNCH_AHEAD_DAYS, Fates, Market, expected_units

USAGE_DAYS = REVIEW_WINDOW_DAYS  # days of usage before the first day that a world remembers


class Suppliers(Protocol):
    """Tells what becomes of orders, whoever places them."""

    def place(self, day: int, series: Ints, quantity: Ints, number: Ints) -> Fates:
        """The fates of orders placed on a day; `number` counts the orders of a series from 0."""


@dataclass(frozen=True)
class Entries:
    """Units by series and day, indexed alike, ascending by day."""

    day: Ints
    series: Ints
    units: Ints


@dataclass(frozen=True)
class World:
    """One stretch of history, from the morning of `first_day` to the evening of `last_day`.

    Attributes:
        first_day: First replayed day.
        last_day: Last replayed day, included.
        lines: Demand lines, units positive, by day and series in the order in which they were asked.
        asked_before: Units asked for on the day of a line by its series, the line included.
        returned: What came back; it is stock from the morning of its day.
        usage: Units asked less units returned, days x series, beginning `USAGE_DAYS` days before `first_day`.
        net: Stock less backorders of each series in the first morning, units.
        pipeline: Orders placed before the first day, by the day of their arrival.
        order_number: How many orders each series has had before the first day.
        launches: First orders for items that start later, by the day of the order.
        unit_cost: BRL by replayed day and series.
        pack: Units in which a series is sold.
        minimum: Least units of one order.
        suppliers: What becomes of orders.
    """

    first_day: int
    last_day: int
    lines: Entries
    asked_before: Ints
    returned: Entries
    usage: npt.NDArray[np.int32]
    net: Ints
    pipeline: Entries
    order_number: Ints
    launches: Entries
    unit_cost: Floats
    pack: Ints
    minimum: Ints
    suppliers: Suppliers

    @property
    def days(self) -> int:
        """How many days are replayed."""
        return self.last_day - self.first_day + 1

    @property
    def series(self) -> int:
        """How many series there are."""
        return len(self.net)


def world_of_history(history: History, first_day: int, last_day: int) -> World:
    """The world of a generated company between two days, both included.

    Raises:
        ValueError: The stretch does not lie inside the history.
    """
    setting, items, lines, supply = history.setting, history.items, history.lines, history.supply
    if not setting.first_day + USAGE_DAYS <= first_day <= last_day <= setting.until:
        raise ValueError(
            f"cannot replay {day_of(first_day)} to {day_of(last_day)}: the history runs from "
            f"{day_of(setting.first_day)} to {day_of(setting.until)} and the first {USAGE_DAYS} days are needed before"
        )
    item = np.repeat(np.arange(len(items.ids)), setting.locations)
    asked = _entries(lines.day, lines.series, lines.quantity, lines.kind == NORMAL, lines.requested)
    returned = _entries(lines.day, lines.series, -lines.quantity, lines.kind == RETURN, lines.requested)
    receipts, number, pipeline = _orders_before(history, first_day)
    replayed = between(asked, first_day, last_day)
    return World(
        first_day=first_day,
        last_day=last_day,
        lines=replayed,
        asked_before=running_sum(replayed.day * len(item) + replayed.series, replayed.units),
        returned=between(returned, first_day, last_day),
        usage=(
            daily_units(asked, first_day - USAGE_DAYS, last_day, len(item))
            - daily_units(returned, first_day - USAGE_DAYS, last_day, len(item))
        ),
        net=supply.opening
        + receipts
        - _units_before(asked, first_day, item)
        + _units_before(returned, first_day, item),
        pipeline=between(pipeline, first_day, last_day),
        order_number=number,
        launches=_launches(history, first_day, last_day),
        unit_cost=items.cost_by_day[first_day - setting.first_day : last_day - setting.first_day + 1, item],
        pack=items.pack[item],
        minimum=items.minimum[item],
        suppliers=Market(setting, items, history.suppliers, Economy(setting.seed, stress=setting.stress)),
    )


def _entries(day: Ints, series: Ints, units: Ints, chosen: npt.NDArray[np.bool_], moment: Ints) -> Entries:
    rows = np.flatnonzero(chosen)
    rows = rows[np.lexsort((rows, moment[rows], series[rows], day[rows]))]
    return Entries(day[rows], series[rows], units[rows])


def between(entries: Entries, first_day: int, last_day: int) -> Entries:
    """The entries of some days, both included."""
    first, end = np.searchsorted(entries.day, [first_day, last_day + 1])
    return Entries(entries.day[first:end], entries.series[first:end], entries.units[first:end])


def _units_before(entries: Entries, day: int, item: Ints) -> Ints:
    before = entries.day < day
    return np.bincount(entries.series[before], entries.units[before], minlength=len(item)).astype(np.int64)


def daily_units(entries: Entries, first_day: int, last_day: int, series: int) -> npt.NDArray[np.int32]:
    """Units by day and series, days x series, from one day to another."""
    chosen = between(entries, first_day, last_day)
    table = np.zeros((last_day - first_day + 1, series), dtype=np.int32)
    np.add.at(table, (chosen.day - first_day, chosen.series), chosen.units.astype(np.int32))
    return table


def _orders_before(history: History, first_day: int) -> tuple[Ints, Ints, Entries]:
    """Units received before a day and orders placed before it, by series, and what those orders still bring."""
    orders, count = history.supply.orders, len(history.supply.opening)
    placed = local_days(orders.requested) < first_day
    number = np.bincount(orders.series[placed], minlength=count).astype(np.int64)
    comes = placed & ~orders.is_cancelled
    is_split = comes & (orders.first_quantity < orders.quantity)
    day = np.concatenate([local_days(orders.first_receipt[comes]), local_days(orders.last_receipt[is_split])])
    series = np.concatenate([orders.series[comes], orders.series[is_split]])
    units = np.concatenate([orders.first_quantity[comes], (orders.quantity - orders.first_quantity)[is_split]])
    arrivals = _entries(day, series, units, np.ones(len(day), dtype=bool), day)
    earlier = arrivals.day < first_day
    received = np.bincount(arrivals.series[earlier], arrivals.units[earlier], minlength=count).astype(np.int64)
    return received, number, arrivals


def _launches(history: History, first_day: int, last_day: int) -> Entries:
    """The first order for an item that starts mid-history, at the first monthly review in the launch window."""
    setting, items = history.setting, history.items
    starts = np.repeat(items.starts, setting.locations)
    units = np.ceil(expected_units(items, setting.locations) * LAUNCH_COVER_DAYS).astype(np.int64)
    launched = np.zeros(len(starts), dtype=bool)
    blocks: list[tuple[int, Ints]] = []
    for month in range(month_number(day_of(setting.first_day)) + 1, month_number(day_of(last_day)) + 1):
        day = day_number(first_of_month(month))
        ahead = starts - day
        now = (ahead >= LAUNCH_AHEAD_DAYS[0]) & (ahead < LAUNCH_AHEAD_DAYS[1]) & ~launched & (units > 0)
        launched |= now
        if day >= first_day:
            blocks.append((day, np.flatnonzero(now)))
    day_column = np.concatenate([np.full(len(s), day, dtype=np.int64) for day, s in blocks] or [np.zeros(0, np.int64)])
    series = np.concatenate([s for _, s in blocks] or [np.zeros(0, np.int64)])
    return Entries(day_column, series, units[series])
