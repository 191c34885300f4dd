"""Every row that the generator soiled is flagged in the warehouse by its id, and no clean one is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from conftest import Installation

from simulator.clock import local_days
from simulator.demand import CANCELLED, DUPLICATE, RETURN, SERVICE, UNKNOWN
from simulator.entry import enter_lines
from simulator.generator import Company, generate


@dataclass(frozen=True)
class Soiled:
    """The company behind an installation's first run, generated again, and its warehouse."""

    company: Company
    warehouse: duckdb.DuckDBPyConnection

    def flagged(self, query: str) -> set[int]:
        """Ids that the warehouse marks."""
        return {row[0] for row in self.warehouse.execute(query).fetchall()}


@pytest.fixture(scope="module")
def soiled(first_run: tuple[Installation, str, dict[str, Any]]) -> Iterator[Soiled]:
    """The generator's own knowledge of what it soiled; the seed stands in company.json."""
    data = first_run[0].data
    state = json.loads((data / "company" / "company.json").read_text())
    first_day, until = (date.fromisoformat(state[name]) for name in ("first_day", "until"))
    company = generate(state["size"], state["seed"], first_day, until)
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as warehouse:
        yield Soiled(company, warehouse)


def ids(is_soiled: npt.NDArray[Any]) -> set[int]:
    """Ids of marked rows: the generator numbers them from one."""
    return set((np.flatnonzero(is_soiled) + 1).tolist())


def test_every_soiled_requisition_line_is_flagged_and_no_other(soiled: Soiled) -> None:
    history = soiled.company.history
    lines, end = history.lines, history.setting.end
    entry = enter_lines(history.setting, lines)
    is_read = entry.entered < end
    origin = np.maximum(lines.origin, 0)
    repeats_unknown = (lines.kind == DUPLICATE) & (lines.kind[origin] == UNKNOWN)
    is_known = (lines.kind == DUPLICATE) & (entry.entered[origin] < end)
    injected = {
        "duplicate": is_read & is_known,
        "cancelled": is_read & (lines.kind == CANCELLED) & (lines.settled < end),
        "service": is_read & (lines.kind == SERVICE),
        "return": is_read & (lines.kind == RETURN),
        "unknown item": is_read & ((lines.kind == UNKNOWN) | repeats_unknown),
        "no location, not even a tower": is_read & (lines.hides_location == 2),
        "late entry": is_read & (local_days(entry.entered) > local_days(lines.requested)),
        "no change date": is_read & entry.has_no_change_date,
    }
    read = "select requisition_line_id from"
    classified = f"{read} intermediate.int_demand__classify_lines where"
    flags = {
        **{name: f"{classified} line_class = '{name}'" for name in ("duplicate", "cancelled", "service", "return")},
        "unknown item": f"{classified} item_key = 'unknown'",
        "no location, not even a tower": f"{classified} location_id = 'unknown'",
        "late entry": f"{read} staging.stg_erp__requisitions where created_at >= requested_at + interval 1 day",
        "no change date": f"{read} staging.stg_erp__requisitions where updated_at is null",
    }

    found = {name: soiled.flagged(query) for name, query in flags.items()}
    assert {name: len(found[name] ^ ids(rows)) for name, rows in injected.items()} == dict.fromkeys(injected, 0)
    assert [name for name, rows in injected.items() if not rows.any()] == []


def test_line_without_location_gets_that_of_its_tower(soiled: Soiled) -> None:
    history = soiled.company.history
    lines = history.lines
    is_hidden = (lines.hides_location == 1) & (enter_lines(history.setting, lines).entered < history.setting.end)
    rows = soiled.warehouse.execute(
        "select requisition_line_id, location_id from intermediate.int_demand__classify_lines"
    ).fetchall()
    given = dict(rows)

    hidden = np.flatnonzero(is_hidden).tolist()
    assert len(hidden) > 100
    assert {row for row in hidden if given[row + 1] != history.network.location_ids[lines.location[row]]} == set()


def test_every_soiled_order_line_is_flagged_and_no_other(soiled: Soiled) -> None:
    history = soiled.company.history
    orders, end = history.supply.orders, history.setting.end
    placed = orders.ordered < end
    injected = {
        "inverted date": placed & (orders.recorded_order < orders.requested),
        "no required date": orders.required_day < 0,
        "cancelled": orders.cancelled < end,
    }
    read = "select purchase_order_line_id from"
    flags = {
        "inverted date": f"{read} intermediate.int_supply__follow_order_lines where is_date_inverted",
        "no required date": f"{read} staging.stg_erp__purchase_orders where required_on is null",
        "cancelled": f"{read} intermediate.int_supply__follow_order_lines where order_status = 'cancelled'",
    }

    found = {name: soiled.flagged(query) for name, query in flags.items()}
    assert {name: len(found[name] ^ ids(rows)) for name, rows in injected.items()} == dict.fromkeys(injected, 0)
    assert [name for name, rows in injected.items() if not rows.any()] == []
    inverted = "intermediate.int_supply__follow_order_lines where is_date_inverted and lead_time_days is not null"
    assert soiled.warehouse.execute(f"select count(*) from {inverted}").fetchall() == [(0,)]
