"""Suites that are read strictly, scores that can be added up by hand, and a history that knows what is usual."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors.catalog import TABLES
from orchestration.audit import _keep_published_verdict
from publication import gold
from publication.store import GoldStore
from quality.dbt_tests import read_tests
from quality.history import History, expectations, verdicts, write_tables
from quality.outcomes import Outcome, score_pct
from quality.suites import SuiteError, load_suites

MOMENT = datetime(2026, 6, 16, 5, tzinfo=UTC)
SUBJECTS = {
    "items",
    "towers",
    "suppliers",
    "requisitions",
    "inventory",
    "weather",
    "economy",
    "telecom_5g",
    "forecasts",
}


def outcome(**changes: object) -> Outcome:
    told: dict[str, object] = {
        "stage": "arrives",
        "table": "erp/items",
        "title": "Itens",
        "rule": "r",
        "claim": "c",
        "dimension": "validity",
        "severity": "blocking",
        "weight": 3,
        "status": "passed",
    }
    return Outcome.from_json(told | changes)


def suite_file(folder: Path, expectation: str) -> Path:
    (folder / "items.yml").write_text(
        f"title: Itens\narrives:\n  table: erp/items\n  expect:\n{expectation}", encoding="utf-8"
    )
    return folder


def test_every_subject_is_judged_where_it_arrives_and_where_it_leaves() -> None:
    suites = load_suites()
    assert {(suite.subject, suite.stage) for suite in suites} >= {
        (subject, stage) for subject in SUBJECTS for stage in ("arrives", "leaves")
    }
    for suite in suites:
        assert any(expectation.frame == "volume" for expectation in suite.expectations) or suite.stage == "arrives"
    assert {suite.table for suite in suites if suite.stage == "arrives"} == {table.name for table in TABLES}
    assert {e.dimension for suite in suites for e in suite.expectations} == {
        "completeness",
        "validity",
        "uniqueness",
        "timeliness",
        "consistency",
    }


@pytest.mark.parametrize(
    ("expectation", "seen"),
    [
        (
            "    - expect_column_to_be_nice: {column: cost}\n      claim: a\n      cause: b\n",
            "expect_column_to_be_nice",
        ),
        ("    - expect_column_values_to_be_unique: {column: item_id}\n      claim: a\n", "likely cause"),
        (
            "    - expect_column_values_to_be_unique: {column: item_id}\n      claim: a\n      cause: b\n"
            "      severity: fatal\n",
            "fatal",
        ),
        (
            "    - expect_column_values_to_be_unique: {column: item_id}\n      claim: a\n      cause: b\n"
            "      frame: days\n",
            "days",
        ),
    ],
)
def test_a_suite_that_cannot_be_meant_is_refused_with_its_file(tmp_path: Path, expectation: str, seen: str) -> None:
    with pytest.raises(SuiteError, match=r"items\.yml, arrives") as refused:
        load_suites(suite_file(tmp_path, expectation))
    assert seen in str(refused.value)


def test_score_weighs_what_blocks_three_times_and_leaves_out_what_was_not_judged() -> None:
    warning = outcome(severity="warning", weight=1, status="failed")
    assert score_pct([outcome(), warning, outcome(status="not_judged")]) == 75.0
    assert score_pct([outcome(status="failed"), outcome(weight=1, severity="warning")]) == 25.0
    assert score_pct([outcome(status="not_judged")]) is None


def test_only_a_failed_blocking_expectation_stops() -> None:
    assert outcome(status="failed").stops
    assert not outcome(status="failed", severity="warning").stops
    assert not outcome(status="not_judged").stops


def test_usual_is_the_median_of_what_passed(tmp_path: Path) -> None:
    history = History()
    for day, (rows, status) in enumerate([(100, "passed"), (104, "passed"), (9000, "failed"), (110, "passed")]):
        history.add(MOMENT + timedelta(days=day), [outcome(status=status)], {"erp/items": {"row_count": rows}})
    store = GoldStore(str(tmp_path))
    history.write(store)
    assert History.read(store).usual_rows() == {"erp/items": 104}
    assert [audit["is_gate_passed"] for audit in History.read(store).audits] == [True, True, False, True]


def test_an_accepted_size_is_usual_from_then_on_although_the_gate_was_closed() -> None:
    history = History()
    history.add(MOMENT, [outcome()], {"erp/items": {"row_count": 100}})
    history.add(MOMENT + timedelta(days=1), [outcome(status="failed")], {"erp/items": {"row_count": 300}})
    history.accept("erp/items")
    assert history.usual_rows() == {"erp/items": 300}
    with pytest.raises(KeyError):
        history.accept("erp/unheard_of")


def test_published_scores_add_up_to_the_score() -> None:
    history = History()
    found = [outcome(), outcome(severity="warning", weight=1, status="failed"), outcome(table="dim_items", weight=1)]
    history.add(MOMENT, found, {})
    rows = history.scores().to_pylist()
    assert sum(row["passed_weight"] for row in rows) / sum(row["judged_weight"] for row in rows) == 0.8
    assert {row["table_name"] for row in rows} == {"erp/items", "dim_items"}


def test_verdicts_differ_when_a_status_does_and_not_when_only_a_figure_does() -> None:
    told = verdicts(expectations(MOMENT, [outcome(observed="row_count 10")]))
    assert told == verdicts(expectations(MOMENT + timedelta(days=1), [outcome(observed="row_count 11")]))
    assert told != verdicts(expectations(MOMENT, [outcome(status="failed")]))


def test_tests_of_dbt_count_by_dimension_and_severity() -> None:
    manifest = {
        "nodes": {
            "test.a": {
                "resource_type": "test",
                "name": "unique_dim_items_item_key",
                "attached_node": "model.nova.dim_items",
                "test_metadata": {"name": "unique"},
                "config": {"severity": "ERROR"},
                "depends_on": {"nodes": ["model.nova.dim_items"]},
            },
            "test.b": {
                "resource_type": "test",
                "name": "assert_fact_demand__adds_up",
                "config": {"severity": "warn"},
                "depends_on": {"nodes": ["model.nova.fact_demand", "model.nova.stg_erp__requisitions"]},
            },
        }
    }
    results = [
        {"unique_id": "model.nova.dim_items", "status": "success"},
        {"unique_id": "test.a", "status": "pass", "failures": 0, "message": None},
        {"unique_id": "test.b", "status": "warn", "failures": 2, "message": "Got 2 results"},
    ]
    first, second = read_tests({"results": results}, manifest)
    assert (first.table, first.dimension, first.weight, first.status) == ("dim_items", "uniqueness", 3, "passed")
    assert (second.table, second.dimension, second.weight, second.status) == (
        "fact_demand",
        "consistency",
        1,
        "failed",
    )
    assert not second.stops
    assert expectations(MOMENT, [first, second]).num_rows == 1


def test_data_and_verdict_that_are_published_already_make_no_new_version(tmp_path: Path) -> None:
    store, candidate = GoldStore(str(tmp_path / "gold")), tmp_path / "candidate"
    history = History()

    def judge(moment: datetime, *, status: str) -> bool:
        """The candidate as dbt exports it, judged, and published as it was judged."""
        shutil.rmtree(candidate, ignore_errors=True)
        (candidate / "dim_items").mkdir(parents=True)
        pq.write_table(pa.table({"item_id": ["a"]}), candidate / "dim_items" / "part-0.parquet")
        outcomes = [outcome(severity="warning", weight=1, status=status)]
        pointer = gold.current(store) or {"tables": {}}
        is_kept = _keep_published_verdict(store, pointer, candidate, outcomes)
        if not is_kept:
            history.add(moment, outcomes, {})
            write_tables(candidate, history, moment, outcomes)
        return gold.publish(store, candidate, facts={}, now=moment).is_new == (not is_kept) and is_kept

    assert not judge(MOMENT, status="passed")
    assert judge(MOMENT + timedelta(days=1), status="passed")
    assert not judge(MOMENT + timedelta(days=2), status="failed")
    assert len(gold.versions(store)) == 2
