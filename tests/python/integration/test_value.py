"""The backtest end to end: a company is generated, the warehouse plans it, and every policy is replayed."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from extractors.backtest import read_outcomes
from extractors.http import FeedContractError
from extractors.settings import Settings
from orchestration.platform import Platform
from orchestration.value import (
    BASE,
    RECORDED,
    Trial,
    plan_company,
    read_frontier,
    read_records,
    replay_generated,
    replay_recorded,
    take_in,
    write_outcomes,
)
from simulator.clock import day_number
from simulator.generator import Company
from simulator.policy.choice import choose_knob, mark_chosen
from simulator.policy.experiment import SCORED
from simulator.policy.recorded import world_of_records
from simulator.policy.series import SeriesIndex
from simulator.policy.world import World, world_of_history

TRIAL = Trial("ci", 3, BASE, date(2026, 5, 31))


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Platform]:
    return plan_company(TRIAL, tmp_path_factory.mktemp("value"))


@pytest.fixture(scope="module")
def scores(planned: tuple[Company, Platform]) -> pa.Table:
    return replay_generated(TRIAL, *planned)


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


def test_recorded_world_is_the_one_that_was_generated(planned: tuple[Company, Platform]) -> None:
    company, place = planned
    calendar, history = TRIAL.calendar, company.history
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        records, index, _ = read_records(connection, calendar)
    generated = world_of_history(history, day_number(calendar.replayed_from), day_number(calendar.until))
    recorded = world_of_records(records, index, calendar.replayed_from, calendar.until)
    whole = SeriesIndex.of_history(history)
    pairs = pa.table(
        {
            "item_id": [item for item in index.item_ids for _ in index.location_ids],
            "location_id": [location for _ in index.item_ids for location in index.location_ids],
        }
    )
    same = whole.numbers(pairs)  # the warehouse leaves out what was never asked for
    # some lines are soiled in the ERP: the warehouse cannot say where they belong
    total = [int(world.lines.units.sum()) for world in (recorded, generated)]
    assert 0.98 < total[0] / total[1] <= 1
    clean = (recorded.usage == generated.usage[:, same]).all(axis=0)
    assert clean.mean() > 0.75
    clean &= generated.usage[:, same].any(axis=0)  # stock of what nobody asks for is no policy's affair
    for world_of in (lambda world: world.net, _coming, lambda world: world.pack, lambda world: world.minimum):
        np.testing.assert_array_equal(world_of(recorded)[clean], world_of(generated)[same][clean])


def _coming(world: World) -> np.ndarray:
    """Units of orders on the way when the replay begins, by series."""
    return np.bincount(world.pipeline.series, world.pipeline.units, minlength=world.series)


def test_recorded_history_is_replayed_like_a_generated_one(planned: tuple[Company, Platform], scores: pa.Table) -> None:
    recorded = replay_recorded(planned[1], TRIAL.until)
    assert pc.unique(recorded["scenario"]).to_pylist() == [RECORDED]
    lines = {
        name: pc.sum(table.filter(pc.equal(table["policy"], "cost_based"))["demand_lines_count"]).as_py()
        for name, table in (("generated", scores), ("recorded", recorded))
    }
    assert 0.98 < lines["recorded"] / lines["generated"] <= 1
    choose_knob(recorded, RECORDED)


def test_history_that_is_too_short_is_refused(planned: tuple[Company, Platform]) -> None:
    with pytest.raises(ValueError, match="the recorded lines begin on"):
        replay_recorded(planned[1], date(2024, 12, 31))


def test_a_warehouse_that_a_run_is_writing_is_named_with_what_to_do(tmp_path: Path) -> None:
    place = Platform.from_environment({"NOVA_DATA": str(tmp_path)})
    hold = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(place.warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "held\n"
        for ask in (lambda: replay_recorded(place, TRIAL.until), lambda: read_frontier(place, BASE, SCORED)):
            with pytest.raises(RuntimeError, match=r"(?s)warehouse\.duckdb.*wait until no run writes the warehouse"):
                ask()
        run.communicate("")


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
