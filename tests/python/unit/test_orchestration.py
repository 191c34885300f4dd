"""The small functions under the assets and the `nova` command."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors.catalog import TABLES
from extractors.http import FeedContractError, FeedUnavailable
from extractors.lake import Lake
from extractors.settings import NEEDED, SettingsError
from orchestration import cli, inputs
from orchestration.assets import bronze
from orchestration.assets.warehouse import BuildConfig, count_checks, read_checks, warehouse
from orchestration.dictionary import DICTIONARY, render_dictionary
from orchestration.manifest import DBT_MANIFEST
from orchestration.platform import CHECKOUT, Platform
from orchestration.resources import PlatformResource
from orchestration.run import (
    REPORT_ONLY,
    RunFailedError,
    RunLock,
    StepOutcome,
    asset_name,
    count_below_reorder_point,
    is_stopped_by_a_source,
    job_name,
)
from orchestration.schedules import build, build_without_report, daily, daily_without_report, report
from orchestration.site import report_fingerprint
from publication import gold
from publication.store import GoldStore


@pytest.fixture
def place(tmp_path: Path) -> Platform:
    installation = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    installation.prepare()
    return installation


def test_everything_lies_below_the_data_folder_unless_the_environment_says_otherwise(tmp_path: Path) -> None:
    default = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    assert default.lake_root == str(tmp_path / "lake")
    assert default.warehouse == tmp_path / "warehouse.duckdb"
    moved = Platform.from_environment({"NOVA_DATA": str(tmp_path), "LAKE_ROOT": "s3://bucket/lake"})
    assert moved.gold_root == "s3://bucket/lake/gold"
    assert moved.environment()["LAKE_ROOT"] == "s3://bucket/lake"


def test_checks_are_counted_by_their_outcome_and_models_are_not_checks() -> None:
    results = [
        {"unique_id": "model.nova.fact_demand", "status": "success"},
        {"unique_id": "test.nova.unique", "status": "pass"},
        {"unique_id": "test.nova.not_null", "status": "pass"},
        {"unique_id": "test.nova.freshness", "status": "warn"},
        {"unique_id": "test.nova.total", "status": "fail"},
        {"unique_id": "test.nova.broken", "status": "error"},
        {"unique_id": "unit_test.nova.rate", "status": "pass"},
    ]
    assert count_checks({"results": results}) == {"passed": 3, "warned": 1, "failed": 2}


def test_checks_of_an_unfinished_build_are_an_error_and_not_zero(place: Platform) -> None:
    with pytest.raises(FileNotFoundError, match="the last build of the warehouse did not finish"):
        read_checks(place)


def test_every_part_of_the_daily_job_that_can_be_wanted_is_a_job() -> None:
    jobs = {job.name for job in (daily, daily_without_report, build, build_without_report, report)}
    wanted = {job_name(extract=extract, report=report) for extract in (True, False) for report in (True, False)}
    assert wanted | {REPORT_ONLY} == jobs


def test_step_of_a_bronze_table_is_shown_as_source_and_table() -> None:
    assert asset_name("erp__purchase_orders") == "erp/purchase_orders"


def publish_something(place: Platform) -> None:
    table = place.candidate / "dim_items"
    table.mkdir(parents=True)
    (table / "part-0.parquet").write_bytes((next(Path(place.lake_root).rglob("*.parquet"))).read_bytes())
    gold.publish(GoldStore(place.gold_root), place.candidate, facts={"checks": {"failed": 0}})


def test_same_inputs_are_published_once_and_new_ones_are_noticed(place: Platform) -> None:
    lake = Lake(place.lake_root)
    lake.ensure_contracts(TABLES[:2])
    place.warehouse.touch()
    assert not inputs.is_published(place)

    inputs.start_build(place)
    assert not inputs.is_published(place), "a build that started is not published"
    publish_something(place)
    inputs.note_published(place)
    assert inputs.is_published(place)

    lake.ensure_contracts(TABLES)
    assert not inputs.is_published(place), "a new bronze file must be built"


def test_files_that_land_during_a_build_are_not_taken_for_published(place: Platform) -> None:
    lake = Lake(place.lake_root)
    lake.ensure_contracts(TABLES[:2])
    place.warehouse.touch()
    inputs.start_build(place)
    lake.ensure_contracts(TABLES)
    publish_something(place)
    inputs.note_published(place)
    assert not inputs.is_published(place)


def test_lost_warehouse_or_pointer_is_built_again(place: Platform) -> None:
    Lake(place.lake_root).ensure_contracts(TABLES[:1])
    place.warehouse.touch()
    inputs.start_build(place)
    publish_something(place)
    inputs.note_published(place)
    pointer = Path(place.gold_root) / gold.POINTER
    kept = pointer.read_bytes()
    pointer.unlink()
    assert not inputs.is_published(place)
    pointer.write_bytes(kept)
    place.warehouse.unlink()
    assert not inputs.is_published(place)


def test_report_is_another_one_when_gold_or_a_page_changes_and_not_when_it_was_built(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    page = tmp_path / "pages" / "index.md"
    page.write_text("# Hoje")
    first = report_fingerprint("v1", tmp_path)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "package.js").write_text("installed")
    (tmp_path / ".evidence").mkdir()
    (tmp_path / ".evidence" / "cache").write_text("generated")
    assert report_fingerprint("v1", tmp_path) == first
    assert report_fingerprint("v2", tmp_path) != first
    page.write_text("# Amanhã")
    assert report_fingerprint("v1", tmp_path) != first


def test_lock_is_held_by_one_and_released_for_the_next(place: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.run._LOCK_WAIT_SECONDS", 0)
    told: list[str] = []
    first, second = RunLock(place.data / "run.lock"), RunLock(place.data / "run.lock")
    first.acquire(told.append)
    with pytest.raises(RunFailedError, match="another run still holds"):
        second.acquire(told.append)
    assert told == ["Another run is at work on this installation; waiting for it to end …"]
    first.release()
    second.acquire(told.append)
    second.release()


def test_reorder_points_are_counted_in_the_published_version(place: Platform) -> None:
    path = Path(place.gold_root) / "v1" / "rpt_replenishment" / "part-0.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"is_below_reorder_point": [True, False, None, True]}), path)
    pointer = {"tables": {"rpt_replenishment": {"path": "v1/rpt_replenishment/part-0.parquet"}}}
    assert count_below_reorder_point(place, pointer) == 2


@pytest.mark.parametrize(
    "error",
    [
        FeedContractError("bacen/sgs_observations", "w", "an HTML page", "look"),
        SettingsError("INMET_TOKEN is not set"),
    ],
    ids=["contract", "settings"],
)
def test_what_never_heals_is_not_tried_again(error: Exception) -> None:
    with pytest.raises(dg.Failure) as caught, bronze._told_to_dagster(0, 20):
        raise error

    assert caught.value.allow_retries is False
    assert caught.value.description == str(error)


@pytest.mark.parametrize("error", [FeedUnavailable("bacen/sgs_observations", "w", "503"), OSError("no route to S3")])
def test_what_may_heal_is_tried_again_with_growing_pauses_and_then_told(error: Exception) -> None:
    pauses = []
    for retries_before in range(3):
        with pytest.raises(dg.RetryRequested) as asked, bronze._told_to_dagster(retries_before, 20):
            raise error
        pauses.append(asked.value.seconds_to_wait)
    assert pauses == [20, 40, 80]
    for retries_before, first_pause in ((3, 20), (0, 0)):
        with pytest.raises(dg.Failure) as caught, bronze._told_to_dagster(retries_before, first_pause):
            raise error
        assert caught.value.allow_retries is False
        assert caught.value.description == str(error)


def test_real_sources_may_be_named_by_the_environment_alone_and_what_is_not_named_is_said(
    place: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dotenv = place.data / ".env"
    monkeypatch.setattr(cli, "_DOTENV", dotenv)
    monkeypatch.setattr(os, "environ", {"NOVA_DATA": str(place.data)})
    with pytest.raises(SystemExit):
        cli._platform(cli.LIVE)
    told = capsys.readouterr().err
    assert "no source is named" in told
    assert str(dotenv) in told
    assert all(name in told for name in NEEDED)

    os.environ |= dict.fromkeys(NEEDED, "from the environment") | {"INMET_TOKEN": ""}
    assert cli._platform(cli.LIVE).data == place.data
    assert "Not set in the environment, so that their feeds will fail: INMET_TOKEN\n" in capsys.readouterr().out

    del os.environ["INMET_TOKEN"]
    dotenv.write_text("INMET_TOKEN=from .env\nERP_DSN=from .env\n")
    cli._platform(cli.LIVE)
    assert capsys.readouterr().out == ""
    assert (os.environ["INMET_TOKEN"], os.environ["ERP_DSN"]) == ("from .env", "from the environment")


def test_what_a_live_run_asks_for_is_what_the_extractors_need() -> None:
    modules = (CHECKOUT / "extractors").rglob("*.py")
    needed = {name for module in modules for name in re.findall(r"\.need\(['\"](\w+)['\"]\)", module.read_text())}
    assert needed == set(NEEDED)


def test_tables_read_together_are_built_from_once_none_is_missing(place: Platform) -> None:
    tables = {"erp/items", "erp/requisitions"}
    with inputs.reading_together(place, tables) as is_read:
        assert inputs.unread(place) == tables, "a run that is killed here must not be built from"
        is_read("erp/items")
    assert inputs.unread(place) == {"erp/requisitions"}
    with pytest.raises(ConnectionError), inputs.reading_together(place, tables):
        raise ConnectionError
    assert inputs.unread(place) == {"erp/requisitions"}, "where nothing landed, all is as it was"
    with inputs.reading_together(place, tables) as is_read:
        for table in tables:
            is_read(table)
    assert inputs.unread(place) == set()


def test_nothing_is_built_from_a_part_of_a_source(place: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_DATA", str(place.data))
    with inputs.reading_together(place, {"erp/items", "erp/suppliers"}) as is_read:
        is_read("erp/suppliers")
    build: Any = warehouse.op.compute_fn
    with pytest.raises(dg.Failure, match="erp/items: the last reading did not come to its end"):
        next(build.decorated_fn(None, BuildConfig(), None, PlatformResource()))


def test_a_run_that_a_source_stopped_is_known_by_what_it_did_not_come_to() -> None:
    down, judged = StepOutcome(error="inmet/stations [T] is unavailable: status 503. x"), StepOutcome()
    assert is_stopped_by_a_source({"inmet__stations": down, "erp": judged})
    assert not is_stopped_by_a_source({"inmet__stations": down, "quality__arrivals": judged})
    assert not is_stopped_by_a_source({"inmet__stations": judged, "warehouse": StepOutcome(error="a test failed")})


def test_data_dictionary_is_the_one_of_the_models() -> None:
    rendered = render_dictionary(json.loads(DBT_MANIFEST.read_text()))
    assert DICTIONARY.read_text() == rendered, "run `make docs` and commit docs/data-dictionary.md"
    assert "| `reorder_point_units` |" in rendered
