"""How the company keeps its ERP: what is entered late, what carries no change date, who is deleted and returns.

The parts themselves move when they move; only the books are late.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.clock import MICROSECONDS_A_DAY
from simulator.demand import DUPLICATE, RETURN, Lines
from simulator.setting import Setting
from simulator.streams import Bools, Ints, Stream, keyed

LATE_BY_DAYS = (1, 6)
AWAY_DAYS = (2, 10)


@dataclass(frozen=True)
class Entry:
    """When each requisition line is entered, and which of them carry no change date."""

    entered: Ints  # UTC microseconds; the moment of asking unless it is late
    has_no_change_date: Bools


def enter_lines(setting: Setting, lines: Lines) -> Entry:
    """Draw the entry of every line, day by day. Returns and duplicates are entered at once."""
    entered, has_no_change_date = lines.requested.copy(), np.zeros(len(lines.day), dtype=np.bool_)
    days = np.arange(setting.first_day, setting.until + 2)
    bounds = np.searchsorted(lines.day, days)
    for day, first, last in zip(days, bounds, bounds[1:], strict=False):
        uniform = keyed(setting.seed, Stream.LATE_ENTRY, int(day)).random((last - first, 3))
        rows = slice(first, last)
        shortest, longest = LATE_BY_DAYS
        delay = shortest + np.floor(uniform[:, 1] * (longest - shortest + 1)).astype(np.int64)
        is_late = (uniform[:, 0] < setting.dirt.late_entry) & ~np.isin(lines.kind[rows], (RETURN, DUPLICATE))
        entered[rows] += np.where(is_late, delay * MICROSECONDS_A_DAY, 0)
        has_no_change_date[rows] = uniform[:, 2] < setting.dirt.no_change_date
    return Entry(entered, has_no_change_date)


def missing_suppliers(setting: Setting, count: int) -> Bools:
    """Which suppliers the ERP does not hold at the end of the last day; none before the days that are added."""
    back = np.zeros(count, dtype=np.int64)
    shortest, longest = AWAY_DAYS
    for day in range(setting.first_day + setting.size.history_days, setting.until + 1):
        uniform = keyed(setting.seed, Stream.VANISHING, day).random((count, 2))
        away = shortest + np.floor(uniform[:, 1] * (longest - shortest + 1)).astype(np.int64)
        back = np.where(uniform[:, 0] < setting.dirt.vanishing_supplier, np.maximum(back, day + away), back)
    return back > setting.until
