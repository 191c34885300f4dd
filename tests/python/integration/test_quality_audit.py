"""The audit's process over a lake and a candidate of a few rows: what passes, what is told, what stops."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from extractors.catalog import TABLES
from extractors.lake import Batch, BronzeTable, Lake
from quality.auditor import Auditor, AuditProcessError
from quality.outcomes import Audit, Outcome
from quality.relations import connect, show_bronze, show_gold

MONDAY, TUESDAY = datetime(2026, 6, 15, 5, tzinfo=UTC), datetime(2026, 6, 16, 5, tzinfo=UTC)
DAY = timedelta(days=1)
BRONZE = {table.name: table for table in TABLES}
Rows = list[dict[str, Any]]
_VALUES: list[tuple[Callable[[pa.DataType], bool], Any]] = [
    (pa.types.is_string, "x"),
    (pa.types.is_boolean, True),
    (pa.types.is_decimal, Decimal(1)),
    (pa.types.is_date, date(2026, 6, 14)),
    (pa.types.is_timestamp, MONDAY),
    (pa.types.is_integer, 1),
    (pa.types.is_floating, 1.0),
]


def land(lake: Lake, table: BronzeTable, rows: Rows, moment: datetime, extra: pa.Field | None = None) -> None:
    """Land rows that name only what matters; the rest is filled with harmless values."""
    schema = table.schema if extra is None else table.schema.append(extra)
    harmless = {column.name: next(value for fits, value in _VALUES if fits(column.type)) for column in schema}
    full = pa.Table.from_pylist([harmless | {"_is_deleted": False} | row for row in rows], schema=schema)
    lake.land(table, [Batch(table.table, moment.date(), full, "test")], run_id="test", extracted_at=moment)


def supplier(number: int, **changes: Any) -> dict[str, Any]:
    return {"supplier_id": f"F{number:05}", "promised_lead_time_days": 12, "country": "BR"} | changes


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Auditor]:
    process = Auditor(tmp_path_factory.mktemp("logs") / "quality.log")
    yield process
    process.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path))


def failed(audit: Audit, table: str) -> list[Outcome]:
    return [outcome for outcome in audit.outcomes if outcome.table == table and outcome.status == "failed"]


def test_an_empty_lake_is_not_judged_and_stops_nothing(auditor: Auditor, tmp_path: Path) -> None:
    audit = auditor.arrives(str(tmp_path), {})
    assert audit.stopping == []
    assert {outcome.table for outcome in audit.outcomes} >= {"erp/items", "erp/requisitions", "inmet/observations"}


def test_suppliers_as_expected_pass(auditor: Auditor, lake: Lake, tmp_path: Path) -> None:
    land(lake, BRONZE["erp/suppliers"], [supplier(1), supplier(2)], MONDAY)
    audit = auditor.arrives(str(tmp_path), {"erp/suppliers": 2})
    assert failed(audit, "erp/suppliers") == []
    assert audit.measures["erp/suppliers"]["row_count"] == 2


def test_a_negative_lead_time_stops_and_names_supplier_value_and_cause(
    auditor: Auditor, lake: Lake, tmp_path: Path
) -> None:
    land(lake, BRONZE["erp/suppliers"], [supplier(1), supplier(2, promised_lead_time_days=-12)], MONDAY)
    (stopping,) = auditor.arrives(str(tmp_path), {}).stopping
    assert stopping.samples == [{"promised_lead_time_days": -12, "supplier_id": "F00002"}]
    for words in ("erp/suppliers", "promised_lead_time_days", "1 of 2 rows", "F00002", "Sinal trocado"):
        assert words in stopping.told()


def test_a_supplier_that_delivers_before_it_is_asked_is_told_and_stops_nothing(
    auditor: Auditor, lake: Lake, tmp_path: Path
) -> None:
    numbers = range(8)
    orders = [
        {"purchase_order_line_id": number, "supplier_id": "F00002" if number < 4 else "F00001", "requested_at": MONDAY}
        for number in numbers
    ]
    receipts = [
        {
            "receipt_id": number,
            "purchase_order_line_id": number,
            "received_at": MONDAY - (4 * DAY if number < 3 else -DAY),
        }
        for number in numbers
    ]
    land(lake, BRONZE["erp/purchase_orders"], orders, MONDAY)
    land(lake, BRONZE["erp/receipts"], receipts, MONDAY)
    audit = auditor.arrives(str(tmp_path), {})
    (told,) = failed(audit, "erp/receipts")
    assert told.samples == [{"early_share": 0.75, "supplier_id": "F00002"}]
    assert audit.stopping == []


def test_a_new_month_of_the_register_replaces_the_month_before_and_is_no_growth(
    auditor: Auditor, lake: Lake, tmp_path: Path
) -> None:
    register = BRONZE["anatel/smp_stations"]
    june, july = datetime(2026, 6, 30, 5, tzinfo=UTC), datetime(2026, 7, 1, 5, tzinfo=UTC)
    land(lake, register, [{"NumEstacao": str(number)} for number in range(10)], june)
    land(lake, register, [{"NumEstacao": str(number)} for number in range(11)], july)
    audit = auditor.arrives(str(tmp_path), {"anatel/smp_stations": 10})
    assert audit.measures["anatel/smp_stations"]["row_count"] == 11
    assert not [told for told in failed(audit, "anatel/smp_stations") if "row_count_ratio" in told.rule]


def test_data_docs_show_the_failure_and_fetch_nothing(auditor: Auditor, lake: Lake, tmp_path: Path) -> None:
    land(lake, BRONZE["erp/suppliers"], [supplier(1), supplier(2, promised_lead_time_days=-12)], MONDAY)
    auditor.arrives(str(tmp_path), {})
    pages = {page.stem: page.read_text(encoding="utf-8") for page in auditor.write_data_docs(tmp_path / "docs")}
    assert "-12" in pages["suppliers-arrives"]
    assert "promised_lead_time_days" in pages["suppliers-arrives"]
    assert 'href="suppliers-arrives.html"' in pages["index"]
    for page in pages.values():
        assert "<style>" in page
        assert not re.search(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//|<script|@import|url\(", page)


def test_mended_rows_pass_on_the_next_day(auditor: Auditor, lake: Lake, tmp_path: Path) -> None:
    land(lake, BRONZE["erp/suppliers"], [supplier(1, promised_lead_time_days=-12)], MONDAY)
    land(lake, BRONZE["erp/suppliers"], [supplier(1)], TUESDAY)
    assert auditor.arrives(str(tmp_path), {}).stopping == []


def test_a_row_that_comes_twice_in_one_reading_stops(auditor: Auditor, lake: Lake, tmp_path: Path) -> None:
    land(lake, BRONZE["erp/suppliers"], [supplier(1), supplier(1)], MONDAY)
    assert [outcome.dimension for outcome in auditor.arrives(str(tmp_path), {}).stopping] == ["uniqueness"]


def test_a_new_column_is_told_and_lets_the_data_pass(auditor: Auditor, lake: Lake, tmp_path: Path) -> None:
    land(lake, BRONZE["erp/suppliers"], [supplier(1)], MONDAY, extra=pa.field("fax", pa.string()))
    audit = auditor.arrives(str(tmp_path), {})
    (told,) = failed(audit, "erp/suppliers")
    assert told.observed == "unexpected columns fax"
    assert audit.stopping == []


@pytest.mark.parametrize(("usual", "is_stopped"), [(2, False), (10, True), (1, True)])
def test_rows_far_from_the_usual_number_stop(
    auditor: Auditor, lake: Lake, tmp_path: Path, usual: int, is_stopped: bool
) -> None:
    land(lake, BRONZE["erp/suppliers"], [supplier(1), supplier(2)], MONDAY)
    stopping = auditor.arrives(str(tmp_path), {"erp/suppliers": usual}).stopping
    assert bool(stopping) == is_stopped
    assert all(f"usual_row_count {usual}" in outcome.told() for outcome in stopping)


def test_a_flood_of_returns_is_shown_by_its_lines(auditor: Auditor, lake: Lake, tmp_path: Path) -> None:
    lines = [
        {"requisition_line_id": number, "quantity": Decimal(-3 if number < 5 else 4), "requested_at": MONDAY}
        for number in range(10)
    ]
    land(lake, BRONZE["erp/requisitions"], lines, MONDAY)
    found = auditor.arrives(str(tmp_path), {})
    (told,) = [outcome for outcome in found.stopping if "not_positive_share" in outcome.rule]
    assert sorted(row["requisition_line_id"] for row in told.samples) == [0, 1, 2, 3, 4]
    assert all(row["quantity"] == -3 for row in told.samples)


def test_newest_version_of_a_changed_row_counts_and_a_deleted_one_does_not(lake: Lake, tmp_path: Path) -> None:
    table = BRONZE["erp/requisitions"]
    land(lake, table, [{"requisition_line_id": number, "quantity": Decimal(1)} for number in (1, 2, 3)], MONDAY)
    changed = [
        {"requisition_line_id": 1, "quantity": Decimal(9)},
        {"requisition_line_id": 2, "quantity": Decimal(1), "_is_deleted": True},
    ]
    land(lake, table, changed, TUESDAY)
    with connect() as connection:
        show_bronze(connection, str(tmp_path))
        seen = connection.execute(
            "select requisition_line_id, quantity::integer from bronze.erp_requisitions order by all"
        ).fetchall()
    assert seen == [(1, 9), (3, 1)]


def test_a_mart_that_readers_never_had_is_compared_with_nothing(tmp_path: Path) -> None:
    new, old = tmp_path / "candidate" / "dim_items", tmp_path / "old"
    for folder, table in ((new, pa.table({"item_id": ["a"], "cost": [1]})), (old, pa.table({"item_id": ["b"]}))):
        folder.mkdir(parents=True)
        pa.parquet.write_table(table, folder / "part-0.parquet")
    with connect() as connection:
        show_gold(connection, tmp_path / "candidate", {})
        assert connection.execute("from published.dim_items").fetchall() == []
    with connect() as connection:
        show_gold(connection, tmp_path / "candidate", {"dim_items": str(old / "part-0.parquet")})
        assert connection.execute("from published.dim_items").fetchall() == [("b", None)]


def test_a_killed_process_is_told_with_its_code_and_log(tmp_path: Path) -> None:
    process = Auditor(tmp_path / "quality.log")
    os.kill(process._process.pid, signal.SIGKILL)
    with pytest.raises(AuditProcessError, match=r"ended with code -9.*quality\.log"):
        process.arrives(str(tmp_path), {})
    process.close()
