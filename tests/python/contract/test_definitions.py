"""Dagster's view of the platform: complete, connected, and loadable with nothing around it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from extractors.catalog import TABLES
from orchestration.assets.warehouse import WAREHOUSE_POOL, mart_keys, warehouse
from orchestration.definitions import defs

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    return defs.resolve_asset_graph()


def test_definitions_load_without_environment_secrets_or_network(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    count = "from orchestration.definitions import defs; print(len(defs.resolve_asset_graph().get_all_asset_keys()))"
    done = subprocess.run(
        [sys.executable, "-c", count],
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "http_proxy": nowhere, "https_proxy": nowhere},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > len(TABLES)


def test_every_bronze_table_is_an_asset_named_after_its_source_and_table(graph: AssetGraph) -> None:
    expected = {dg.AssetKey([table.source, table.table]) for table in TABLES}
    assert expected <= graph.materializable_asset_keys


def test_every_dbt_source_is_a_bronze_asset(graph: AssetGraph) -> None:
    bronze = {dg.AssetKey([table.source, table.table]) for table in TABLES}
    read = {key for keys in warehouse.asset_deps.values() for key in keys if key not in warehouse.keys}
    assert read == bronze, "a source without an asset, or a landed table that nothing reads"


def test_gold_follows_all_marts_and_the_report_follows_gold(graph: AssetGraph) -> None:
    assert len(mart_keys()) >= 14
    assert graph.get(dg.AssetKey(["gold", "candidate"])).parent_keys == set(mart_keys())
    assert graph.get(dg.AssetKey(["gold", "current"])).parent_keys == {dg.AssetKey(["gold", "candidate"])}
    assert graph.get(dg.AssetKey(["report", "site"])).parent_keys == {dg.AssetKey(["gold", "current"])}


def test_all_steps_that_open_the_warehouse_share_its_pool(graph: AssetGraph) -> None:
    pools = {definition.op.name: definition.op.pool for definition in graph.assets_defs if definition.is_executable}
    assert {name for name, pool in pools.items() if pool == WAREHOUSE_POOL} == {"warehouse", "gold__candidate"}


def test_daily_job_covers_every_asset_and_runs_at_two_in_salvador(graph: AssetGraph) -> None:
    job = defs.resolve_job_def("daily")
    assert set(job.asset_layer.executable_asset_keys) == graph.materializable_asset_keys
    schedule = defs.resolve_schedule_def("daily_at_two")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "America/Bahia")


def test_tests_of_error_severity_block_what_comes_after(graph: AssetGraph) -> None:
    checks = list(warehouse.check_specs)
    assert len(checks) > 50
    assert any(spec.blocking for spec in checks)
