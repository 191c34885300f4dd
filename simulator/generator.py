"""The whole company as a pure function of (size, seed, first day, last day, dirt).

History is prefix-stable: generating one more day changes no row except through events of that day. So a day is appended
by generating again and writing the rows whose `updated_at` is later than the previous end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from simulator.assumptions import SIZES, Dirt
from simulator.catalogue import build_items, build_suppliers
from simulator.clock import day_number, local_midnight
from simulator.demand import simulate_demand
from simulator.economy import Economy
from simulator.history import History
from simulator.network import build_network
from simulator.setting import Setting, Stress
from simulator.supply import simulate_supply
from simulator.tables import erp_tables
from simulator.weather import Weather

Report = Callable[[str], None]


def no_report(message: str) -> None:
    """Drop a progress message."""
    del message


@dataclass(frozen=True)
class Company:
    """A generated company: what was drawn for it, and its ERP tables at the end of `until`."""

    first_day: date
    until: date
    history: History
    erp: dict[str, pa.Table]


def end_of(until: date) -> int:
    """The first moment (UTC microseconds) that is no longer part of the day."""
    return local_midnight(day_number(until) + 1)


def generate(
    size: str,
    seed: int,
    first_day: date,
    until: date,
    *,
    dirt: Dirt | None = None,
    stress: Stress | None = None,
    report: Report = no_report,
) -> Company:
    """Generate the company's history from the first day to `until`, both included.

    Args:
        size: `ci`, `demo` or `full`.
        seed: Everything random follows from it.
        first_day: First day with demand; opening stock is booked at its midnight.
        until: Last closed day.
        dirt: What is wrong in the data; None means the default dirt.
        stress: How the company differs from the demonstration company; None means not at all.
        report: Receives progress messages.
    """
    if size not in SIZES:
        raise ValueError(f"unknown size {size!r}: choose one of {', '.join(SIZES)}")
    if until < first_day:
        raise ValueError(f"the last day {until} is before the first day {first_day}")
    setting = Setting(
        SIZES[size],
        seed,
        day_number(first_day),
        day_number(until),
        Dirt() if dirt is None else dirt,
        stress or Stress(),
    )
    network = build_network(setting)
    suppliers = build_suppliers(setting)
    items = build_items(setting, suppliers)
    report(f"{len(items.ids):,} items, {len(network.tower_ids):,} towers, {setting.locations} locations")
    lines, visits = simulate_demand(setting, items, network, Weather(seed))
    report(f"{len(lines.day):,} requisition lines asked")
    supply = simulate_supply(setting, items, suppliers, lines, Economy(seed, stress=setting.stress))
    report(f"{len(supply.orders.series):,} purchase order lines placed")
    history = History(setting, items, suppliers, network, lines, visits, supply)
    return Company(first_day, until, history, erp_tables(history))
