"""Days of the ERP that are asked for one by one, in order and out of order, give the same gold.

The company is the one of the first run. Two lakes take over its masters and public feeds; the events of the last days
are then read again from the ERP by the windows that Dagster's partitions stand for, in one lake in order and in the
other shuffled, with builds in between. `NOVA_TEST_DAYS=365` does it for a year.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import CHECKOUT, TODAY, Installation

from extractors.catalog import extract_erp
from extractors.erp import TABLES as ERP_TABLES
from extractors.lake import Lake
from extractors.settings import Settings, Window
from orchestration.platform import Platform
from simulator.company import DemoCompany

EVENTS = [table for table in ERP_TABLES if table.kind == "changes"]
DAYS = int(os.environ.get("NOVA_TEST_DAYS", "8"))
HISTORY = date(2015, 1, 1)
BUILDS = 2
# What says when something was read, not what it says.
METADATA = {"landed_at", "extracted_at", "source_extracted_at"}


class Order:
    """A lake whose events were read day by day in one order, and the warehouse that was built from it."""

    def __init__(self, folder: Path, first_run: Installation) -> None:
        self.place = Platform.from_environment({"NOVA_DATA": str(folder)})
        events = {table.table for table in EVENTS}
        shutil.copytree(
            first_run.data / "lake" / "bronze",
            folder / "lake" / "bronze",
            ignore=lambda parent, names: events & set(names) if parent.endswith("/erp") else set(),
        )
        self.place.prepare()

    def read(self, window: Window, environment: dict[str, str]) -> int:
        """Read the events that changed on some days; the rows that landed."""
        settings = Settings.from_environment(
            {**environment, **self.place.environment(), "NOVA_TODAY": TODAY.isoformat()}
        )
        landings = extract_erp(EVENTS, replace(settings, window=window), Lake(self.place.lake_root), "test")
        return sum(landing.rows_landed for landing in landings)

    def build(self) -> None:
        """Build the models, without their tests."""
        self._dbt("build", "--exclude-resource-type", "test", "unit_test")

    def gold(self, folder: Path) -> Path:
        """The marts as they would be published."""
        manifest = json.loads((CHECKOUT / "target" / "manifest.json").read_text())
        for node in manifest["nodes"].values():
            if node["resource_type"] == "model" and node["fqn"][1] == "marts":
                (folder / node["name"]).mkdir(parents=True)
        self._dbt("run-operation", "export_gold", "--args", json.dumps({"directory": str(folder)}))
        return folder

    def _dbt(self, *arguments: str) -> None:
        done = subprocess.run(
            [Path(sys.executable).parent / "dbt", *arguments],
            cwd=CHECKOUT,
            env={**os.environ, **self.place.environment(), "DBT_TARGET_PATH": str(self.place.dbt_target)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]


def content(file: Path) -> tuple[list[str], str]:
    """Columns of a published table without its metadata, and a digest of its rows: each digit and their order count."""
    names = [name for name, *_ in duckdb.sql(f"describe from '{file}'").fetchall() if name not in METADATA]
    texts = ", ".join(f'coalesce("{name}"::varchar, chr(0))' for name in names)
    row = duckdb.sql(
        f"select count(*), sum(md5_number_lower(concat_ws(chr(31), file_row_number, {texts}))::hugeint)"
        f" from read_parquet('{file}', file_row_number = true)"
    ).fetchone()
    return names, str(row)


@pytest.mark.slow
def test_days_read_out_of_order_give_the_gold_of_days_read_in_order(
    first_run: tuple[Installation, str, dict[str, Any]], tmp_path: Path
) -> None:
    installation, _, _ = first_run
    days = [TODAY - timedelta(days=number) for number in range(DAYS, 0, -1)]
    shuffled = random.Random(20260616).sample(days, len(days))
    assert shuffled != days
    in_order, out_of_order = (Order(tmp_path / name, installation) for name in ("in_order", "out_of_order"))
    landed = {}
    with DemoCompany.at(installation.data / "company").running() as environment:
        for order, sequence in ((in_order, days), (out_of_order, shuffled)):
            before = order.read(Window(HISTORY, days[0] - timedelta(days=1)), environment)
            landed[order] = before
            for number, day in enumerate(sequence, start=1):
                landed[order] += order.read(Window(day, day), environment)
                if order is out_of_order and number % (len(days) // BUILDS) == 0:
                    order.build()
            assert landed[order] > before
    in_order.build()
    out_of_order.build()

    assert landed[in_order] == landed[out_of_order]
    one, other = in_order.gold(tmp_path / "one"), out_of_order.gold(tmp_path / "other")
    tables = sorted(path.name for path in one.iterdir())
    assert len(tables) > 20
    assert [
        name for name in tables if content(one / name / "part-0.parquet") != content(other / name / "part-0.parquet")
    ] == []
