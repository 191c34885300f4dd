"""The backtest end to end: a company is generated, the warehouse plans it, and every policy is replayed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from extractors.backtest import read_outcomes
from extractors.http import FeedContractError
from extractors.settings import Settings
from orchestration.platform import Platform
from orchestration.value import BASE, Trial, read_frontier, run_trial, take_in, write_outcomes
from simulator.policy.choice import choose_knob, mark_chosen
from simulator.policy.experiment import SCORED


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    return run_trial(Trial("ci", 3, BASE, date(2026, 5, 31)), tmp_path_factory.mktemp("value"))[0]


@pytest.fixture(scope="module")
def frontier(scores: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, float], dict[str, Any]]:
    """Rows of the scored year in the marts, which were given the company and a twin of it."""
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path_factory.mktemp("marts"))})
    place.prepare()
    twin = scores.set_column(scores.schema.get_field_index("seed"), "seed", pc.add(scores["seed"], 1))
    write_outcomes(mark_chosen(pa.concat_tables([scores, twin]), choose_knob(scores)), place.backtest)
    settings = {"BACKTEST_PATH": str(place.backtest), "NOVA_TODAY": "2026-06-01"}
    take_in(place, Settings.from_environment({**place.environment(), **settings}))
    return {(row["policy"], row["knob"]): row for row in read_frontier(place, BASE, SCORED)}


def test_policies_are_ordered_by_what_they_spend(frontier: dict[tuple[str, float], dict[str, Any]]) -> None:
    for policy in ("cost_based", "negative_binomial"):
        own = [row for (name, _), row in sorted(frontier.items()) if name == policy]
        stocked_out = [row["stocked_out_lines_count"] for row in own]
        assert stocked_out == sorted(stocked_out, reverse=True), policy
        stock = [row["mean_inventory_brl"] for row in own]
        assert stock == sorted(stock), policy
    assert frontier["cost_based", 600.0]["stocked_out_change_pct"] < -30


def test_changes_do_not_depend_on_how_many_companies_are_pooled(
    scores: pa.Table, frontier: dict[tuple[str, float], dict[str, Any]]
) -> None:
    year = scores.filter(pc.equal(scores["window_name"], SCORED))
    for (policy, knob), row in frontier.items():
        own = year.filter(pc.and_(pc.equal(year["policy"], policy), pc.equal(year["knob"], knob)))
        assert row["companies_count"] == 2
        assert row["stocked_out_lines_count"] == 2 * pc.sum(own["stocked_out_lines_count"]).as_py()
        assert float(row["mean_inventory_brl"]) == pytest.approx(pc.sum(own["mean_inventory_brl"]).as_py(), abs=0.1)
        for change in ("stocked_out_change_pct", "inventory_change_pct"):
            assert row[f"least_{change}"] == pytest.approx(row[change])
            assert row[f"greatest_{change}"] == pytest.approx(row[change])


def test_every_cost_is_in_the_comparison(frontier: dict[tuple[str, float], dict[str, Any]]) -> None:
    for row in frontier.values():
        parts = row["ordering_cost_brl"] + row["holding_cost_brl"] + row["stockout_cost_brl"]
        assert row["total_cost_brl"] == parts
        assert row["ordering_cost_brl"] == row["orders_count"] * 60


def test_no_policy_beats_the_one_that_knows_the_future(frontier: dict[tuple[str, float], dict[str, Any]]) -> None:
    oracle = frontier["oracle", 0.0]["stocked_out_lines_count"]
    for setting, row in frontier.items():
        assert setting[0] == "oracle" or row["stocked_out_lines_count"] > oracle, setting


def test_outcomes_pass_the_door_that_they_are_written_for(scores: pa.Table, tmp_path: Path) -> None:
    marked = mark_chosen(scores, choose_knob(scores))
    assert read_outcomes(write_outcomes(marked, tmp_path)).equals(marked)
    assert pc.any(marked["is_chosen"]).as_py()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table.drop_columns(["knob"]), "columns"),
        (lambda table: table.slice(0, 0), "no row"),
        (lambda table: pa.concat_tables([table, table.slice(0, 1)]), "a key appears once"),
        (
            lambda table: table.set_column(
                table.column_names.index("stocked_out_lines_count"),
                "stocked_out_lines_count",
                pc.add(table["demand_lines_count"], 1),
            ),
            "no more lines are stocked out than asked for",
        ),
    ],
)
def test_outcomes_that_break_the_contract_are_refused(
    scores: pa.Table, tmp_path: Path, spoil: object, message: str
) -> None:
    assert callable(spoil)
    path = write_outcomes(spoil(mark_chosen(scores, 60.0)), tmp_path)
    with pytest.raises(FeedContractError, match=message):
        read_outcomes(path)
    path.write_bytes(b"no parquet")
    with pytest.raises(FeedContractError, match="not a readable Parquet file"):
        read_outcomes(path)
