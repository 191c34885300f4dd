"""Dagster's event log with kept connections says what its own storage would say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import yaml
from dagster import DagsterInstance

from orchestration.event_log import PooledSqliteEventLogStorage

RUNS = 6  # more than files are kept open


def instance_at(folder: Path) -> DagsterInstance:
    place = {
        "module": "orchestration.event_log",
        "class": "PooledSqliteEventLogStorage",
        "config": {"base_dir": str(folder / "history" / "runs")},
    }
    (folder / "dagster.yaml").write_text(yaml.safe_dump({"event_log_storage": place, "telemetry": {"enabled": False}}))
    return DagsterInstance.from_config(str(folder))


def materialize(instance: DagsterInstance) -> str:
    @dg.asset(check_specs=[dg.AssetCheckSpec("counted", asset="stock")])
    def stock() -> Iterator[dg.AssetCheckResult | dg.Output[None]]:
        yield dg.Output(None, metadata={"rows": 3})
        yield dg.AssetCheckResult(check_name="counted", passed=True)

    return dg.materialize([stock], instance=instance).run_id


def kinds(instance: DagsterInstance, run_id: str) -> list[str]:
    return [entry.dagster_event.event_type_value for entry in instance.all_logs(run_id) if entry.dagster_event]


def test_dagsters_own_storage_reads_the_same_events_and_after_wiping_none(tmp_path: Path) -> None:
    with instance_at(tmp_path) as instance:
        assert isinstance(instance.event_log_storage, PooledSqliteEventLogStorage)
        runs = [materialize(instance) for _ in range(RUNS)]
        told = {run: kinds(instance, run) for run in runs}
        assert all(
            {"PIPELINE_SUCCESS", "ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION"} <= set(told[run]) for run in runs
        )
        latest = instance.get_latest_materialization_event(dg.AssetKey("stock"))
        assert latest is not None and latest.run_id == runs[-1]

    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with DagsterInstance.from_config(str(tmp_path)) as plain:
        assert {run: kinds(plain, run) for run in runs} == told

    with instance_at(tmp_path) as instance:
        instance.wipe()
        assert [kinds(instance, run) for run in runs] == [[]] * RUNS
        assert kinds(instance, materialize(instance))[-1] == "PIPELINE_SUCCESS"


def test_a_watcher_in_another_storage_is_told_while_the_writer_keeps_its_file_open(tmp_path: Path) -> None:
    with instance_at(tmp_path) as writer, instance_at(tmp_path) as reader:
        run_id = materialize(writer)
        seen: list[str] = []
        ended = threading.Event()

        def on_event(entry: dg.EventLogEntry, _cursor: str) -> None:
            if entry.dagster_event:
                seen.append(entry.dagster_event.event_type_value)
                if seen[-1] == "PIPELINE_SUCCESS":
                    ended.set()

        reader.event_log_storage.watch(run_id, None, on_event)
        assert ended.wait(20)
        reader.event_log_storage.end_watch(run_id, on_event)
        assert seen == kinds(writer, run_id)
