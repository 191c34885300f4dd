"""The whole company as a pure function of (size, seed, first day, last day, dirt).

History is prefix-stable: generating one more day changes no row except through events of that day. So a day is appended by
generating again and writing the rows whose `updated_at` is later than the previous end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from simulator import tables
from simulator.assumptions import SIZES, Dirt
from simulator.catalogue import Items, Suppliers, build_items, build_suppliers
from simulator.clock import day_number, local_midnight
from simulator.demand import Lines, Visits, simulate_demand
from simulator.economy import Economy
from simulator.network import Network, build_network
from simulator.supply import Supply, simulate_supply
from simulator.weather import Weather

Report = Callable[[str], None]


def no_report(message: str) -> None:
    """Drop a progress message."""
    del message


@dataclass(frozen=True)
class Company:
    """A generated company: the truth behind it, and its ERP tables at the end of `until`."""

    size: str
    seed: int
    first_day: date
    until: date
    items: Items
    suppliers: Suppliers
    network: Network
    lines: Lines
    visits: Visits
    supply: Supply
    erp: dict[str, pa.Table]


def end_of(until: date) -> int:
    """The first moment (UTC microseconds) that is no longer part of the day."""
    return local_midnight(day_number(until) + 1)


def generate(
    size: str, seed: int, first_day: date, until: date, *, dirt: Dirt | None = None, report: Report = no_report
) -> Company:
    """Generate the company's history from the first day to `until`, both included.

    Args:
        size: `ci`, `demo` or `full`.
        seed: Everything random follows from it.
        first_day: First day with demand; opening stock is booked at its midnight.
        until: Last closed day.
        dirt: What is wrong in the data; None means the default dirt.
        report: Receives progress messages.
    """
    if size not in SIZES:
        raise ValueError(f"unknown size {size!r}: choose one of {', '.join(SIZES)}")
    if until < first_day:
        raise ValueError(f"the last day {until} is before the first day {first_day}")
    extent, soiled = SIZES[size], Dirt() if dirt is None else dirt
    first, last, end = day_number(first_day), day_number(until), end_of(until)
    network = build_network(extent, seed, first, last)
    suppliers = build_suppliers(extent, seed, first, last)
    items = build_items(extent, seed, suppliers, first, last)
    report(f"{extent.items} items, {extent.towers} towers, {extent.locations} locations")
    lines, visits = simulate_demand(items, network, Weather(seed), seed, first, last, soiled)
    report(f"{len(lines.day):,} requisition lines asked")
    supply = simulate_supply(items, suppliers, lines, Economy(seed), extent.locations, seed, first, last, soiled)
    report(f"{len(supply.orders.series):,} purchase order lines placed")
    erp = {
        "items": tables.items_table(items, suppliers, end),
        "suppliers": tables.suppliers_table(suppliers, network.created),
        "contracts": tables.contracts_table(network, until),
        "locations": tables.locations_table(network),
        "towers": tables.towers_table(network),
        "requisitions": tables.requisitions_table(lines, supply, items, network, end),
        "stock_movements": tables.stock_movements_table(lines, supply, items, network, first, end),
        "inventory": tables.inventory_table(lines, supply, items, network, last, end),
        "purchase_orders": tables.purchase_orders_table(supply, items, suppliers, network, end),
        "receipts": tables.receipts_table(supply, end),
        "work_orders": tables.work_orders_table(lines, visits, supply, network, end),
    }
    return Company(size, seed, first_day, until, items, suppliers, network, lines, visits, supply, erp)
