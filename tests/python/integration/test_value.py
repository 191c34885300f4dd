"""The backtest end to end: a company is generated, the warehouse plans it, and every policy is replayed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from extractors.backtest import read_outcomes
from extractors.http import FeedContractError
from orchestration.value import BASE, Trial, run_trial, summary_rows, write_outcomes
from simulator.policy.choice import choose_knob, mark_chosen
from simulator.policy.experiment import SCORED


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    return run_trial(Trial("ci", 3, BASE, date(2026, 5, 31)), tmp_path_factory.mktemp("value"))[0]


def test_policies_are_ordered_by_what_they_spend(scores: pa.Table) -> None:
    rows = {(row["policy"], row["knob"]): row for row in summary_rows(scores, BASE, SCORED)}
    for policy in ("cost_based", "negative_binomial"):
        own = [row for (name, _), row in sorted(rows.items()) if name == policy]
        stocked_out = [row["stocked_out_lines_count"] for row in own]
        assert stocked_out == sorted(stocked_out, reverse=True), policy
        stock = [row["mean_inventory_brl"] for row in own]
        assert stock == sorted(stock), policy
    assert rows["cost_based", 600.0]["stocked_out_change"] < -0.3


def test_changes_do_not_depend_on_how_many_companies_are_pooled(scores: pa.Table) -> None:
    seed = scores.schema.get_field_index("seed")
    twin = scores.set_column(seed, "seed", pc.add(scores["seed"], 1))
    alone, pooled = (summary_rows(table, BASE, SCORED) for table in (scores, pa.concat_tables([scores, twin])))
    for one, two in zip(alone, pooled, strict=True):
        assert two["inventory_change"] == pytest.approx(one["inventory_change"])
        assert two["mean_inventory_brl"] == pytest.approx(one["mean_inventory_brl"])


def test_no_policy_beats_the_one_that_knows_the_future(scores: pa.Table) -> None:
    rows = {(row["policy"], row["knob"]): row for row in summary_rows(scores, BASE, SCORED)}
    oracle = rows.pop(("oracle", 0.0))
    for row in rows.values():
        assert row["stocked_out_lines_count"] > oracle["stocked_out_lines_count"], (row["policy"], row["knob"])


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
