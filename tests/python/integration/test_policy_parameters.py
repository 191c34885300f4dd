"""Policy parameters know nothing that came after their day, and an incremental build gives what a full one gives."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import CHECKOUT, Installation, run_succeeded

PARAMETERS = "intermediate.int_planning__set_parameters"
Rows = set[tuple[Any, ...]]


@dataclass(frozen=True)
class Copy:
    """Lake and warehouse of an installation, to be altered.

    Attributes:
        place: The copied installation.
        known_on: An as-of day with months behind it and months after it.
    """

    place: Installation
    known_on: date

    @classmethod
    def of(cls, original: Installation, folder: Path) -> Copy:
        shutil.copytree(original.data / "lake" / "bronze", folder / "lake" / "bronze")
        shutil.copy2(original.data / "warehouse.duckdb", folder / "warehouse.duckdb")
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
            days = warehouse.execute(f"select distinct as_of_on from {PARAMETERS} order by as_of_on").fetchall()
        return cls(Installation.at(folder), days[-5][0])

    def parameters(self, where: str) -> Rows:
        with duckdb.connect(str(self.place.data / "warehouse.duckdb"), read_only=True) as warehouse:
            return set(warehouse.execute(f"select * from {PARAMETERS} where {where}").fetchall())

    def until(self) -> Rows:
        return self.parameters(f"as_of_on <= date '{self.known_on}'")

    def after(self) -> Rows:
        return self.parameters(f"as_of_on > date '{self.known_on}'")

    def land(self, table: str, query: str) -> None:
        """Add a vintage of an ERP table, read an hour after the newest; `{t}` is all that was landed so far."""
        bronze = self.place.data / "lake" / "bronze" / "erp" / table
        newest = max(bronze.rglob("*.parquet"), key=lambda path: path.parent.as_posix())
        landed = f"read_parquet('{bronze}/**/*.parquet', union_by_name = true, hive_partitioning = false)"
        with duckdb.connect() as engine:
            engine.execute("set timezone = 'UTC'")
            moment = f"(select max(_extracted_at) + interval 1 hour from {landed})"
            engine.execute(
                f"copy (select * replace ({moment} as _extracted_at) from ({query.format(t=landed)}))"
                f" to '{newest.parent / f'{table}-{len(list(newest.parent.iterdir()))}.parquet'}' (format parquet)"
            )

    def build(self, *options: str) -> None:
        """Build the parameters and what they stand on, without tests."""
        exported = run_succeeded(self.place.nova("env"))
        environment = dict(line.removeprefix("export ").split("=", 1) for line in exported.splitlines())
        chosen = [
            "--resource-type",
            "model",
            "--resource-type",
            "snapshot",
            "--select",
            "+int_planning__set_parameters",
        ]
        done = subprocess.run(
            [Path(sys.executable).parent / "dbt", "build", *chosen, *options, "--target-path", self.place.data / "dbt"],
            cwd=CHECKOUT,
            env={**self.place.environment, **{name: shlex.split(value)[0] for name, value in environment.items()}},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]


@pytest.fixture(scope="module")
def copy(first_run: tuple[Installation, str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy.of(first_run[0], tmp_path_factory.mktemp("parameters"))


def test_nothing_that_comes_later_changes_a_parameter(copy: Copy) -> None:
    """Later demand, prices and receipts, late entries, cancellations, corrections; then every day anew."""
    before, later_before = copy.until(), copy.after()
    known_until = f"timestamptz '{copy.known_on + timedelta(days=1)} 03:00:00+00'"
    later = f"timestamptz '{copy.known_on + timedelta(days=3)} 15:00:00+00'"
    copy.land(
        "requisitions",
        f"""
        with newest as (select * from {{t}} where not coalesce(_is_deleted, false)
                        qualify row_number() over (partition by requisition_line_id order by _extracted_at desc) = 1)
        select * replace (
            case when requested_at >= {known_until} or requisition_line_id % 7 = 0
                then (quantity * 3)::decimal(14, 3) else quantity end as quantity,
            case when requested_at < {known_until} and requisition_line_id % 7 = 1
                then 'cancelled' else status end as status,
            greatest(updated_at, {later}) as updated_at)
        from newest where requested_at >= {known_until} or requisition_line_id % 7 < 2
        union all
        select * replace (
            requisition_line_id + 1000000000 as requisition_line_id, requisition_id || '-late' as requisition_id,
            'fulfilled' as status, {later} as created_at, {later} as updated_at)
        from newest where requested_at < {known_until} and requisition_line_id % 7 = 2
        """,
    )
    copy.land(
        "receipts",
        f"""
        select * replace (received_at + interval 9 day as received_at, {later} as updated_at)
        from {{t}} where received_at >= {known_until}
        qualify row_number() over (partition by receipt_id order by _extracted_at desc) = 1
        """,
    )
    copy.land(
        "items",
        f"""
        select * replace (
            (cost * 2)::decimal(14, 4) as cost, lead_time_days + 5 as lead_time_days, {later} as updated_at)
        from {{t}} where _extracted_at = (select max(_extracted_at) from {{t}})
        """,
    )
    copy.build()
    incremental = copy.after()
    assert incremental != later_before, "the alteration reached no parameter: this test cannot fail"
    copy.build("--full-refresh")
    assert copy.until() == before
    assert copy.after() == incremental


def test_what_was_entered_in_time_and_read_late_changes_the_day(copy: Copy) -> None:
    """A line of an earlier day that an earlier reading missed: the days that should have known it are built anew."""
    before, untouched = copy.until(), f"as_of_on <= date '{copy.known_on - timedelta(days=70)}'"
    early = copy.parameters(untouched)
    moment = f"timestamptz '{copy.known_on - timedelta(days=20)} 15:00:00+00'"
    copy.land(
        "requisitions",
        f"""
        select * replace (
            2000000000 as requisition_line_id, 'missed' as requisition_id, 5000::decimal(14, 3) as quantity,
            'fulfilled' as status, {moment} as requested_at, {moment} as created_at, {moment} as updated_at)
        from {{t}}
        where item_id in (select item_id from {{t}} group by item_id having count(*) > 20)
            and location_id is not null and unit <> 'SR' and status = 'fulfilled' and quantity > 0
            and requested_at < {moment}
        order by requisition_line_id desc limit 1
        """,
    )
    copy.build()
    assert copy.until() != before
    assert copy.parameters(untouched) == early
