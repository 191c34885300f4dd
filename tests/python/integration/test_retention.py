"""What may go, and that nothing else does: gold, bronze, logs and records of runs."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dagster import DagsterInstance, job, op

from extractors.catalog import TABLES, forgets_superseded
from extractors.lake import Batch, BronzeTable, Lake
from orchestration.platform import Platform
from orchestration.retention import Retention, apply, plan
from publication import gold
from publication.store import GoldStore

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GRACE = timedelta(hours=24)


@pytest.fixture
def place(tmp_path: Path) -> Platform:
    installation = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    installation.prepare()
    return installation


def publish(place: Platform, number: int, at: datetime) -> str:
    file = place.candidate / "dim_items" / "part-0.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"units": [number]}), file)
    return gold.publish(GoldStore(place.gold_root), place.candidate, facts={"checks": {"failed": 0}}, now=at).version


def removable(place: Platform, keep: int, now: datetime = NOW) -> list[str]:
    return gold.removable(GoldStore(place.gold_root), keep=keep, grace=GRACE, now=now)


def test_the_newest_versions_stay_and_older_ones_go_when_their_last_reader_is_done(place: Platform) -> None:
    days = [publish(place, number, NOW - DAY * (10 - number)) for number in range(10)]
    assert removable(place, 3) == days[:7]
    assert removable(place, 30) == []
    # The last one before the three was the newest until it was replaced: its readers have a day.
    replaced = NOW - DAY * 3
    assert removable(place, 3, now=replaced + GRACE - timedelta(minutes=1)) == days[:6]


def test_a_version_rolled_back_to_stays_with_all_that_came_after_it(place: Platform) -> None:
    days = [publish(place, number, NOW - DAY * (10 - number)) for number in range(6)]
    store = GoldStore(place.gold_root)
    gold.rollback(store, days[2])
    assert removable(place, 1) == days[:2]
    with pytest.raises(gold.PublicationError, match="is the version that readers use"):
        gold.remove(store, days[2])
    for version in removable(place, 1):
        gold.remove(store, version)
    assert gold.verify(store) == []
    assert [manifest["version"] for manifest in gold.versions(store)] == days[2:]


def land(lake: Lake, table: BronzeTable, day: date, *, at: datetime, value: str, dataset: str = "d") -> str:
    """Land one row that differs by the value; the path of the vintage."""

    def cell(kind: pa.DataType) -> object:
        if pa.types.is_integer(kind):
            return sum(value.encode())
        return value if kind == pa.string() else None

    columns = {field.name: pa.array([cell(field.type)], field.type) for field in table.schema}
    rows = pa.table(columns)
    [path] = lake.land(table, [Batch(dataset, day, rows, "test")], run_id="r", extracted_at=at).files
    return path


def test_a_vintage_goes_once_a_newer_one_of_its_partition_is_ninety_days_old(place: Platform) -> None:
    lake = Lake(place.lake_root)
    items = next(table for table in TABLES if table.name == "erp/items")
    old, day = NOW - DAY * 120, date(2026, 2, 1)
    first = land(lake, items, day, at=old, value="first")
    second = land(lake, items, day, at=old + timedelta(hours=1), value="second")
    third = land(lake, items, day, at=NOW - DAY * 10, value="third")
    lonely = land(lake, items, day + DAY, at=old, value="first")
    both = land(lake, items, day + DAY * 2, at=old, value="a", dataset="one")
    other = land(lake, items, day + DAY * 2, at=old + timedelta(hours=1), value="b", dataset="two")

    planned = plan(place, DagsterInstance.ephemeral(), NOW)

    assert planned.vintages == (first,), "the second is superseded for ten days only; other datasets supersede nothing"
    apply(place, DagsterInstance.ephemeral(), planned)
    apply(place, DagsterInstance.ephemeral(), planned)
    left = {str(path) for path in (Path(place.lake_root) / "bronze").rglob("*.parquet")}
    assert left == {second, third, lonely, both, other}


def test_vintages_that_tell_what_was_known_are_kept_for_ever(place: Platform) -> None:
    lake = Lake(place.lake_root)
    kept = [table for table in TABLES if not forgets_superseded(table)]
    assert {table.source for table in kept} >= {"bacen", "inmet", "anatel", "uploads", "suppliers", "forecasts"}
    assert {table.name for table in kept if table.source == "erp"} == {
        f"erp/{name}" for name in ("requisitions", "stock_movements", "purchase_orders", "receipts", "work_orders")
    }
    for table in kept:
        for number in range(3):
            land(lake, table, date(2025, 1, 1), at=NOW - DAY * (300 - number), value=f"value {number}")
    assert plan(place, DagsterInstance.ephemeral(), NOW).vintages == ()


def test_nothing_outside_the_lake_is_removed_as_a_vintage(place: Platform, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no vintage of this lake"):
        Lake(place.lake_root).remove_vintages([str(tmp_path / "warehouse.duckdb")])


@op
def nothing() -> None:
    """Does nothing."""


@job
def idle() -> None:
    """A run to have a record of."""
    nothing()


def test_old_logs_and_records_of_runs_go_but_the_last_success_of_a_job_stays(place: Platform) -> None:
    log, young = place.logs / "old.log", place.logs / "young.log"
    for file in (log, young, place.logs / "failures.jsonl"):
        file.write_text("text")
        os.utime(file, ((NOW - DAY * 100).timestamp(),) * 2)
    os.utime(young, (NOW.timestamp(),) * 2)
    instance = DagsterInstance.ephemeral()
    runs = [idle.execute_in_process(instance=instance).run_id for _ in range(3)]

    assert plan(place, instance, datetime.now(UTC)).runs == ()
    later = plan(place, instance, datetime.now(UTC) + DAY * 91)
    assert (set(later.runs), log in later.logs) == (set(runs[:2]), True)
    apply(place, instance, Retention((), (), (log,), later.runs))
    assert [run.run_id for run in instance.get_runs()] == [runs[2]]
    assert not log.exists()
    assert young.exists()
    assert (place.logs / "failures.jsonl").exists()
