"""What runs are asked for, what starts them, and what is told of those that fail."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import time
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml

from extractors.catalog import TABLES
from extractors.lake import BronzeTable, Landing
from extractors.settings import Window
from orchestration import orphans
from orchestration.alerting import alert_settings, open_alerts, tell_run
from orchestration.failures import RunFailure, error_of, failures_file, tell
from orchestration.logs import JsonLines, dagster_settings, masked, secrets_in
from orchestration.partitions import key_range, touched
from orchestration.platform import Platform
from orchestration.resources import PlatformResource
from orchestration.schedules import BUILDS_TAG, last_months
from orchestration.sensors import failed_run, mended_run, new_forecast, new_workbook, state_of

ENVIRONMENT = {
    "INMET_TOKEN": "t0ken+/x",
    "ERP_DSN": "postgresql://reader:p%40ss-word@erp:5432/erp",
    "INMET_STATIONS": "A401",
    "NOVA_SHORT_TOKEN": "abc",
}


def table(name: str) -> BronzeTable:
    return next(table for table in TABLES if table.name == name)


@pytest.mark.parametrize(
    ("name", "first", "last", "keys"),
    [
        ("erp/requisitions", date(2025, 3, 3), date(2025, 3, 5), ("2025-03-03", "2025-03-05")),
        ("inmet/observations", date(2025, 1, 15), date(2025, 3, 2), ("2025-01-01", "2025-03-01")),
    ],
)
def test_a_window_is_asked_for_by_the_days_or_the_whole_months_it_lies_in(
    name: str, first: date, last: date, keys: tuple[str, str]
) -> None:
    assert key_range(table(name), Window(first, last)) == keys


def test_a_window_that_nothing_can_be_read_for_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="erp/items can only be read as it stands now"):
        key_range(table("erp/items"), Window(date(2025, 1, 1), date(2025, 1, 2)))
    with pytest.raises(ValueError, match=r"2014-12-31 of erp/receipts cannot be asked for: there is 2015-01-01 to"):
        key_range(table("erp/receipts"), Window(date(2014, 12, 31), date(2025, 1, 2)))
    with pytest.raises(ValueError, match="before it begins"):
        Window(date(2025, 1, 2), date(2025, 1, 1))


def test_an_ordinary_run_tells_of_the_newest_partitions_it_read_and_of_none_that_does_not_exist() -> None:
    def told(name: str, first: date | None, last: date | None) -> list[str]:
        return touched(Landing(table(name), first_read=first, last_read=last))

    assert told("erp/receipts", None, date(2026, 3, 1)) == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert told("erp/receipts", date(2026, 3, 1), date(2026, 3, 1)) == ["2026-03-01"]
    assert told("bacen/sgs_observations", date(2022, 1, 1), date(2026, 3, 1)) == [
        "2026-01-01",
        "2026-02-01",
        "2026-03-01",
    ]
    assert told("bacen/sgs_observations", date(2999, 1, 1), date(2999, 3, 1)) == [], "a target rate of the future"
    assert told("erp/items", None, date(2026, 3, 1)) == []
    assert told("inmet/observations", None, None) == []


def test_a_scheduled_rereading_covers_whole_months_up_to_the_one_that_runs() -> None:
    tags = last_months(datetime(2026, 3, 7, 2, tzinfo=UTC), 12)
    assert tags == {
        "dagster/asset_partition_range_start": "2025-04-01",
        "dagster/asset_partition_range_end": "2026-03-01",
    }


def test_files_ask_for_a_run_once_they_have_settled_and_again_when_they_change(tmp_path: Path) -> None:
    file = tmp_path / "compras.xlsx"
    assert state_of([]) is None
    file.write_bytes(b"one")
    assert state_of([file]) is None, "it may still be on its way"
    settled = time.time() - 60
    os.utime(file, (settled, settled))
    first = state_of([file])
    assert first is not None
    assert state_of([file]) == first
    file.write_bytes(b"three")
    os.utime(file, (settled, settled))
    assert state_of([file]) not in (None, first)


@pytest.mark.parametrize(
    ("sensor", "job", "files"),
    [
        (new_workbook, "uploads", ("uploads/inbox/~$compras.xlsx", "uploads/inbox/compras.xlsx")),
        (new_forecast, "forecasts", ("exports/ml_results/.june.parquet.tmp", "exports/ml_results/june.parquet")),
    ],
)
def test_a_file_that_is_left_asks_once_for_a_run_of_its_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sensor: dg.SensorDefinition, job: str, files: tuple[str, str]
) -> None:
    """The first file is one that somebody is still writing."""
    monkeypatch.setenv("NOVA_DATA", str(tmp_path))
    for variable in ("UPLOADS_PATH", "FORECASTS_PATH", "LAKE_ROOT"):
        monkeypatch.delenv(variable, raising=False)

    def asked() -> list[str | None]:
        with dg.instance_for_test() as instance:
            context = dg.build_sensor_context(instance, resources={"platform": PlatformResource()})
            return [request.run_key for request in sensor.evaluate_tick(context).run_requests or []]

    assert sensor.job.name == job
    assert asked() == []
    for left in files:
        (tmp_path / left).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / left).write_bytes(b"content")
        assert asked() == [], "it may still be on its way"
        os.utime(tmp_path / left, (time.time() - 60,) * 2)
        assert len(asked()) == (left == files[1])
    first = asked()
    assert first == asked(), "Dagster starts one run for one key"


def test_a_step_that_failed_without_words_of_its_own_is_told_by_the_error_at_its_root() -> None:
    @dg.op
    def broken() -> None:
        try:
            raise OSError("only valid on seekable files")
        except OSError as error:
            raise RuntimeError("no verdict") from error

    @dg.job
    def some_job() -> None:
        broken()

    result = some_job.execute_in_process(raise_on_error=False)
    (event,) = [event for event in result.all_events if event.is_step_failure]
    assert error_of(event.step_failure_data) == "OSError: only valid on seekable files"


@dg.op(name="inmet__stations")
def inmet_is_down() -> None:
    raise dg.Failure("inmet/stations [T] is unavailable: status 503. What to do: run again later.", allow_retries=False)


@pytest.mark.parametrize(("tags", "judged"), [({BUILDS_TAG: "warehouse"}, 1), ({}, 0)], ids=["daily", "backfill"])
def test_a_run_of_the_daemon_that_a_source_stopped_is_told_and_what_landed_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tags: dict[str, str], judged: int
) -> None:
    monkeypatch.setenv("NOVA_DATA", str(tmp_path))
    monkeypatch.delenv("ALERTS_SETTINGS", raising=False)

    @dg.job(tags=tags)
    def some_job() -> None:
        inmet_is_down()

    def requests(result: dg.ExecuteInProcessResult, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
        records = instance.get_records_for_run(result.run_id).records
        events = [record.event_log_entry.dagster_event for record in records]
        (event,) = [event for event in events if event and event.event_type is dg.DagsterEventType.RUN_FAILURE]
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_run",
            dagster_event=event,
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            resources={"platform": PlatformResource()},
        ).for_run_failure()
        asked = failed_run(context)
        return [asked] if isinstance(asked, dg.RunRequest) else []

    with dg.instance_for_test() as instance:
        result = some_job.execute_in_process(instance=instance, raise_on_error=False)
        assert len(requests(result, instance)) == judged
        assert requests(result, instance) == [], "a run is told once"
    (message,) = (tmp_path / "alerts").glob("*.txt")
    assert "Carga diária parada: INMET" in message.read_text(encoding="utf-8")
    assert failed_run.job.name == "arrivals"


def test_a_run_of_the_daemon_closes_the_alerts_of_what_it_did_and_of_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOVA_DATA", str(tmp_path))
    monkeypatch.delenv("ALERTS_SETTINGS", raising=False)
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    failed = {"inmet": "no answer", "report": "npm failed", "run": "killed"}
    now = datetime(2026, 3, 1, 5, tzinfo=UTC)
    tell_run(place, alert_settings(place, {}), now, failed=failed, succeeded=set())

    @dg.op(name="report__site")
    def build() -> None:
        pass

    def still_open(job: str) -> set[str]:
        """What stays open after a run of this job, which has the one step."""
        some_job = dg.GraphDefinition(name=job, node_defs=[build]).to_job()
        with dg.instance_for_test() as instance:
            result = some_job.execute_in_process(instance=instance)
            records = instance.get_records_for_run(result.run_id).records
            events = [record.event_log_entry.dagster_event for record in records]
            context = dg.build_run_status_sensor_context(
                sensor_name="mended_run",
                dagster_event=next(e for e in events if e and e.event_type is dg.DagsterEventType.RUN_SUCCESS),
                dagster_instance=instance,
                dagster_run=result.dagster_run,
                resources={"platform": PlatformResource()},
            )
            mended_run(context)
        return {condition.condition_id for condition in open_alerts(place)}

    assert still_open("report") == {"run:inmet:failed", "run:run:failed"}
    assert still_open("daily") == {"run:inmet:failed"}


def test_a_dbt_whose_run_was_killed_is_ended_and_a_stranger_of_its_number_is_not(tmp_path: Path) -> None:
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    assert not orphans.end_orphan(place)
    with subprocess.Popen(["sleep", "60"]) as process:
        orphans.note(place, process.pid)
        assert orphans.end_orphan(place)
        assert process.wait(timeout=10) == -signal.SIGKILL
    assert not orphans.end_orphan(place), "it is ended once"

    with subprocess.Popen(["sleep", "60"]) as stranger:
        (place.dbt_target / "dbt.pid.json").write_text(json.dumps({"pid": stranger.pid, "started": "1"}))
        assert not orphans.end_orphan(place)
        assert stranger.poll() is None
        stranger.kill()


def test_a_failed_run_is_told_once_with_its_secrets_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INMET_TOKEN", ENVIRONMENT["INMET_TOKEN"])
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    failure = RunFailure(
        "r1", "daily", datetime(2026, 3, 1, 5, tzinfo=UTC), {"inmet__observations": "at /t0ken+/x: no"}
    )

    assert tell(failure, place)
    assert not tell(failure, place)
    [line] = failures_file(place).read_text().splitlines()
    assert json.loads(line) == {
        "run_id": "r1",
        "job": "daily",
        "failed_at": "2026-03-01T05:00:00+00:00",
        "errors": {"inmet__observations": "at /***: no"},
    }


def test_secrets_are_masked_in_every_spelling_and_nothing_else_is() -> None:
    secrets = secrets_in(ENVIRONMENT)
    told = "A401 t0ken+/x t0ken%2B%2Fx postgresql://reader:p%40ss-word@erp p@ss-word abc"
    assert masked(told, secrets) == "A401 *** *** postgresql://reader:***@erp *** abc"


def test_json_logs_are_one_object_a_line_and_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INMET_TOKEN", ENVIRONMENT["INMET_TOKEN"])
    record = logging.LogRecord("extractors.http", logging.WARNING, "", 0, "GET /%s\nagain", ("t0ken+/x",), None)
    record.dagster_meta = {
        "run_id": "r1",
        "job_name": "daily",
        "step_key": "erp",
        "orig_message": "GET /t0ken+/x\nagain",
    }
    line = JsonLines().format(record)

    assert "\n" not in line
    told = json.loads(line)
    assert {name: told[name] for name in ("level", "logger", "message", "run_id", "job", "step")} == {
        "level": "WARNING",
        "logger": "extractors.http",
        "message": "GET /***\nagain",
        "run_id": "r1",
        "job": "daily",
        "step": "erp",
    }


def test_json_logs_are_an_option_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = dagster_settings(tmp_path, {})["python_logs"]
    assert "dagster_handler_config" not in text
    handler = dagster_settings(tmp_path, {"LOG_FORMAT": "json"})["python_logs"]["dagster_handler_config"]["handlers"]
    assert handler["json"]["maxBytes"] * (handler["json"]["backupCount"] + 1) <= 100 << 20
    with pytest.raises(ValueError, match="LOG_FORMAT must be text or json, not 'xml'"):
        dagster_settings(tmp_path, {"LOG_FORMAT": "xml"})

    monkeypatch.setenv("LOG_FORMAT", "json")
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    place.prepare()
    written = yaml.safe_load((place.dagster_home / "dagster.yaml").read_text())
    assert written["telemetry"] == {"enabled": False}
    assert written["python_logs"]["dagster_handler_config"]["handlers"]["json"]["filename"].endswith("dagster.jsonl")
