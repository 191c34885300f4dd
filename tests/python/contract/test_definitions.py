"""Dagster's view of the platform: complete, connected, and loadable with nothing around it."""

from __future__ import annotations

import json
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
from orchestration.manifest import DBT_MANIFEST
from orchestration.partitions import DAYS, MONTHS
from orchestration.platform import Platform
from orchestration.promises import promises
from orchestration.resources import PlatformResource
from publication.alerts.outbox import enqueue_message
from publication.alerts.settings import read_alert_settings
from publication.store import GoldStore
from quality.suites import load_suites

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
    assert {name for name, pool in pools.items() if pool == WAREHOUSE_POOL} == {
        "warehouse",
        "gold__candidate",
        "gold__current",
    }
    assert sorted(name for name, pool in pools.items() if pool is not None and pool.startswith("host_")) == [
        "anatel__mobile_accesses",
        "anatel__smp_stations",
        "anatel__station_counts",
        "bacen__focus_expectations",
        "bacen__ptax_quotes",
        "bacen__sgs_observations",
        "erp",
        "inmet__observations",
        "inmet__stations",
        "suppliers__quotes",
    ]


def test_events_of_the_erp_have_days_the_public_sources_months_and_what_has_no_past_neither(graph: AssetGraph) -> None:
    partitions = {table.name: graph.get(dg.AssetKey([table.source, table.table])).partitions_def for table in TABLES}
    assert {name for name, found in partitions.items() if found == DAYS} == {
        f"erp/{name}" for name in ("requisitions", "stock_movements", "purchase_orders", "receipts", "work_orders")
    }
    assert {name for name, found in partitions.items() if found == MONTHS} == {
        *("inmet/observations", "bacen/sgs_observations", "bacen/ptax_quotes", "bacen/focus_expectations"),
        *("anatel/smp_stations", "anatel/mobile_accesses"),
    }
    assert all(
        graph.get(key).backfill_policy == dg.BackfillPolicy.single_run()
        for key in graph.materializable_asset_keys
        if graph.get(key).partitions_def is not None
    )


@pytest.mark.parametrize("name", ["daily", "daily_without_report", "build", "uploads", "forecasts"])
def test_a_run_that_dies_goes_on_where_it_was_and_one_that_fails_does_not(name: str) -> None:
    assert defs.resolve_job_def(name).tags == {
        "nova/builds": "warehouse",
        "dagster/max_retries": "2",
        "dagster/retry_strategy": "FROM_FAILURE",
        "dagster/retry_on_asset_or_op_failure": "false",
    }


def test_every_source_is_judged_by_what_it_promises(graph: AssetGraph) -> None:
    hours = {
        table.source: policy.fail_window.to_timedelta().total_seconds() / 3600
        for table in TABLES
        if (policy := graph.get(dg.AssetKey([table.source, table.table])).freshness_policy) is not None
    }
    assert hours == {"erp": 26, "inmet": 48, "bacen": 96, "anatel": 45 * 24}
    assert {table.source for table in TABLES} == set(promises())


def test_every_asset_has_a_kind_an_owner_and_a_description(graph: AssetGraph) -> None:
    bare = [
        key.to_user_string()
        for key in graph.materializable_asset_keys
        if not (graph.get(key).owners and graph.get(key).kinds and graph.get(key).description)
    ]
    assert bare == []


def test_lineage_reaches_every_page_of_the_report(graph: AssetGraph) -> None:
    pages = {key for key in graph.get_all_asset_keys() if key.path[0] == "page"}
    assert len(pages) == len(json.loads(DBT_MANIFEST.read_text())["exposures"])
    for page in pages:
        assert graph.get(page).parent_keys >= {dg.AssetKey(["report", "site"])}


def test_what_starts_by_itself_is_known_and_only_what_tells_runs_from_the_start() -> None:
    repository = defs.get_repository_def()
    when = {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs}
    assert when == {
        "daily_at_two": "0 2 * * *",
        "weekly_rereading": "0 23 * * 6",
        "monthly_anatel": "0 22 5 * *",
        "weekly_retention": "0 12 * * 0",
        "weekly_on_monday": "0 7 * * 1",
    }
    assert {schedule.execution_timezone for schedule in repository.schedule_defs} == {"America/Bahia"}
    sensors = {sensor.name: sensor.default_status for sensor in repository.sensor_defs}
    assert {name: status for name, status in sensors.items() if name != "default_automation_condition_sensor"} == {
        "new_workbook": dg.DefaultSensorStatus.STOPPED,
        "new_forecast": dg.DefaultSensorStatus.STOPPED,
        "failed_run": dg.DefaultSensorStatus.RUNNING,
        "mended_run": dg.DefaultSensorStatus.RUNNING,
        "undelivered_alerts": dg.DefaultSensorStatus.RUNNING,
    }


def test_daily_job_covers_every_asset_and_runs_at_two_in_salvador(graph: AssetGraph) -> None:
    job = defs.resolve_job_def("daily")
    assert set(job.asset_layer.executable_asset_keys) == graph.materializable_asset_keys
    schedule = defs.resolve_schedule_def("daily_at_two")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "America/Bahia")


def test_every_suite_is_a_blocking_check_and_nothing_is_published_past_them(graph: AssetGraph) -> None:
    checks = {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}
    for suite in load_suites():
        expected = (suite.table, "arrives") if suite.stage == "arrives" else ("gold/candidate", suite.table)
        assert expected in checks
    gates = [key for key in graph.asset_check_keys if key.name == "arrives" or key.asset_key.path[-1] == "candidate"]
    assert gates
    assert all(graph.get(key).blocking for key in gates)


def test_great_expectations_is_not_imported_by_what_serves_definitions() -> None:
    look = "import sys, orchestration.definitions; print('great_expectations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"


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
