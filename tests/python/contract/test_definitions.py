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
from orchestration.platform import Platform
from orchestration.resources import PlatformResource
from publication.alerts.outbox import enqueue_message
from publication.alerts.settings import read_alert_settings
from publication.store import GoldStore

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


def test_alerts_follow_gold_and_hold_up_neither_gold_nor_the_report(graph: AssetGraph) -> None:
    assert graph.get(dg.AssetKey(["alerts", "told"])).parent_keys == {dg.AssetKey(["gold", "current"])}
    assert graph.get(dg.AssetKey(["alerts", "told"])).child_keys == set()
    week = defs.resolve_schedule_def("weekly_on_monday")
    assert (week.cron_schedule, week.execution_timezone) == ("0 7 * * 1", "America/Bahia")


def test_a_message_that_waits_is_asked_for_when_it_may_go_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    night = "quiet_hours: {from: '00:00', until: '23:59:59'}"
    settings = tmp_path / "alerts.yml"
    settings.write_text(f"{night}\nchannels: [{{kind: file, name: pasta, folder: {tmp_path / 'out'}}}]")
    monkeypatch.setenv("NOVA_DATA", str(tmp_path))
    monkeypatch.setenv("ALERTS_SETTINGS", str(settings))
    sensor = defs.resolve_sensor_def("undelivered_alerts")

    def asked() -> int:
        context = dg.build_sensor_context(resources={"platform": PlatformResource()})
        return len(sensor.evaluate_tick(context).run_requests or [])

    assert asked() == 0
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    content = {"created_at": "2026-06-15T03:00:00+00:00", "is_critical": False, "subject": "s", "text": "t"}
    (channel,) = read_alert_settings(settings, {}).channels
    enqueue_message(GoldStore(place.alerts_root), channel, "key", {**content, "html": "h", "owners": [], "events": []})
    assert asked() == 0
    settings.write_text(settings.read_text().replace(night, ""))
    assert asked() == 1
