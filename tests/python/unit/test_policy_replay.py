"""Replaying history under a rule: worked by hand, faithful to the generated company, and just to every rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from extractors.backtest import POLICY_OUTCOMES
from simulator.clock import NEVER, day_number, local_days, local_midnight
from simulator.economy import Economy
from simulator.generator import generate
from simulator.history import History
from simulator.policy.choice import choose_knob, mark_chosen
from simulator.policy.replay import Outcome, Window, replay
from simulator.policy.rules import CoverRule, OracleRule, ParameterRule
from simulator.policy.score import SCHEMA, Segments, score
from simulator.policy.world import USAGE_DAYS, Entries, World, world_of_history
from simulator.setting import Stress
from simulator.streams import Ints
from simulator.supply import Fates, expected_units

FIRST_DAY, UNTIL = date(2024, 1, 1), date(2026, 3, 31)
REPLAYED_FROM, SCORED_FROM = day_number(date(2024, 10, 1)), day_number(date(2025, 4, 1))
YEAR = Window("score", SCORED_FROM, day_number(UNTIL))


class FixedLeadTime:
    """Every order comes whole after the same number of days, except those of the numbers that never come."""

    def __init__(self, days: int, never: tuple[int, ...] = ()) -> None:
        self._days, self._never = days, never

    def place(self, day: int, series: Ints, quantity: Ints, number: Ints) -> Fates:
        count = len(series)
        placed = np.full(count, local_midnight(day), dtype=np.int64)
        arrives = np.full(count, local_midnight(day + self._days), dtype=np.int64)
        cancelled = np.where(np.isin(number, self._never), placed, NEVER)
        return Fates(placed, placed, cancelled, arrives, arrives, quantity)


def small_world(lines: list[tuple[int, int]], *, days: int, stock: int, lead_time: int, pack: int = 1) -> World:
    """One series that costs 10 BRL; lines are (day from 0, units)."""
    day = np.array([day for day, _ in lines], dtype=np.int64)
    units = np.array([units for _, units in lines], dtype=np.int64)
    usage = np.zeros((USAGE_DAYS + days, 1), dtype=np.int32)
    np.add.at(usage[:, 0], day + USAGE_DAYS, units)
    none = Entries(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    return World(
        first_day=0,
        last_day=days - 1,
        lines=Entries(day, np.zeros(len(day), dtype=np.int64), units),
        asked_before=np.array([units[: i + 1][day[: i + 1] == day[i]].sum() for i in range(len(day))]),
        returned=none,
        usage=usage,
        net=np.array([stock]),
        pipeline=none,
        order_number=np.array([0]),
        launches=none,
        unit_cost=np.full((days, 1), 10.0),
        pack=np.array([pack]),
        minimum=np.array([1]),
        suppliers=FixedLeadTime(lead_time),
    )


def point_and_lot(point: float, lot: float) -> ParameterRule:
    return ParameterRule(np.array([0]), np.full((1, 1, 1), point, np.float32), np.full((1, 1, 1), lot, np.float32))


def test_a_replay_can_be_worked_by_hand() -> None:
    # stock 5; day 0 takes 3 (2 left), day 1 is at the point 2: order 4+2-2 = 4 for day 3; day 2 wants 3 and waits,
    # 1 short; day 3 brings 4: 3 left after the backorder; day 4 wants 3 and gets it; 0 left
    world = small_world([(0, 3), (2, 3), (4, 3)], days=5, stock=5, lead_time=2)
    outcome = replay(world, point_and_lot(2, 4), [Window("all", 0, 4)])
    assert outcome.is_stocked_out.tolist() == [[False, True, False]]
    assert outcome.backorder_days.item() == 1
    assert outcome.backorder_unit_days.item() == 1
    assert outcome.orders.item() == 1
    assert outcome.ordered_units.item() == 4
    assert outcome.inventory_brl.item() == pytest.approx(10 * (2 + 2 + 0 + 3 + 0) / 5)


def test_a_line_behind_a_waiting_line_waits_too() -> None:
    world = small_world([(0, 4), (0, 1)], days=1, stock=3, lead_time=9)
    outcome = replay(world, point_and_lot(-99, 1), [Window("all", 0, 0)])
    assert outcome.is_stocked_out.tolist() == [[True, True]]


def test_a_position_above_the_reorder_point_orders_nothing_and_one_on_it_does() -> None:
    world = small_world([], days=1, stock=6, lead_time=1)
    assert replay(world, point_and_lot(5, 4), [Window("all", 0, 0)]).orders.item() == 0
    assert replay(world, point_and_lot(6, 4), [Window("all", 0, 0)]).orders.item() == 1


def test_orders_are_whole_packs_and_not_below_the_minimum() -> None:
    world = small_world([], days=1, stock=0, lead_time=1, pack=5)
    assert replay(world, point_and_lot(0, 6), [Window("all", 0, 0)]).ordered_units.item() == 10
    world = replace(world, minimum=np.array([12]))
    assert replay(world, point_and_lot(0, 6), [Window("all", 0, 0)]).ordered_units.item() == 12


def test_a_cancelled_order_is_placed_again_under_the_next_number() -> None:
    world = replace(small_world([], days=3, stock=0, lead_time=9), suppliers=FixedLeadTime(9, never=(0,)))
    assert replay(world, point_and_lot(0, 4), [Window("all", 0, 2)]).orders.item() == 2


def test_parameters_count_from_their_day_on() -> None:
    world = small_world([], days=4, stock=5, lead_time=9)
    rule = ParameterRule(np.array([1, 3]), np.array([[[0.0], [5.0]]], np.float32), np.ones((1, 2, 1), np.float32))
    ordered: list[int] = []
    replay(world, rule, [Window("all", 0, 3)], watch=lambda day, _, series, __: ordered.extend([day] * len(series)))
    assert ordered == [3]


def test_an_unknown_reorder_point_orders_nothing() -> None:
    world = small_world([(0, 9)], days=3, stock=0, lead_time=1)
    assert replay(world, point_and_lot(float("nan"), 4), [Window("all", 0, 2)]).orders.item() == 0


def test_a_launch_is_ordered_under_every_rule_once() -> None:
    launch = Entries(np.array([1]), np.array([0]), np.array([8]))
    world = replace(small_world([], days=3, stock=0, lead_time=1), launches=launch)
    outcome = replay(world, point_and_lot(-99, 1), [Window("all", 0, 2)])
    assert outcome.ordered_units.item() == 8
    already = replace(world, order_number=np.array([1]))
    assert replay(already, point_and_lot(-99, 1), [Window("all", 0, 2)]).orders.item() == 0


def test_a_window_outside_the_world_is_refused() -> None:
    with pytest.raises(ValueError, match="window late"):
        replay(small_world([], days=3, stock=0, lead_time=1), point_and_lot(0, 1), [Window("late", 2, 3)])


@cache
def history() -> History:
    return generate("ci", 5, FIRST_DAY, UNTIL).history


@cache
def world() -> World:
    return world_of_history(history(), REPLAYED_FROM, day_number(UNTIL))


@cache
def outcomes() -> dict[str, Outcome]:
    lot = 30 * expected_units(history().items, history().setting.locations)
    covers = ((30, 90), (45, 105), (60, 120), (90, 150))
    return {
        "cover": replay(world(), CoverRule(world(), covers), [YEAR]),
        "oracle": replay(world(), OracleRule.of(world(), lot), [YEAR]),
    }


def test_the_buyer_without_a_policy_places_the_orders_of_the_history() -> None:
    placed: list[tuple[int, int, int]] = []

    def note(day: int, setting: Ints, series: Ints, units: Ints) -> None:
        del setting
        placed.extend((day, int(s), int(u)) for s, u in zip(series, units, strict=True))

    replay(world(), CoverRule(world(), ((30, 90),)), [YEAR], watch=note)
    orders = history().supply.orders
    later = local_days(orders.requested) >= REPLAYED_FROM
    columns = (local_days(orders.requested)[later], orders.series[later], orders.quantity[later])
    assert sorted(placed) == sorted(zip(*(c.tolist() for c in columns), strict=True))
    assert len(placed) > 100


def test_the_buyer_without_a_policy_leaves_the_stock_of_the_history() -> None:
    """Receipts count from the morning here and from their hour there: a line may differ, the share may not."""
    lines, supply, replayed = history().lines, history().supply, outcomes()["cover"].is_stocked_out[0]
    scored = (world().lines.day >= SCORED_FROM).nonzero()[0]
    asked = (lines.kind == 0) & (lines.day >= SCORED_FROM)
    waited = (supply.issued[asked] - lines.requested[asked]) > 86_400_000_000
    assert len(scored) == asked.sum()
    assert replayed[scored].mean() == pytest.approx(waited.mean(), abs=0.02)


def test_more_cover_costs_more_and_runs_out_less() -> None:
    cover = outcomes()["cover"]
    scored = world().lines.day >= SCORED_FROM
    stocked_out = cover.is_stocked_out[:, scored].mean(axis=1)
    assert (np.diff(stocked_out) < 0).all()
    assert (np.diff(cover.inventory_brl.sum(axis=(1, 2))) > 0).all()


def test_no_rule_beats_the_one_that_knows_the_future() -> None:
    scored = world().lines.day >= SCORED_FROM
    cover, oracle = (outcomes()[name] for name in ("cover", "oracle"))
    best = oracle.is_stocked_out[0, scored].mean()
    assert best < 0.02
    richer = cover.inventory_brl.sum(axis=(1, 2)) >= oracle.inventory_brl.sum()
    assert (cover.is_stocked_out[:, scored].mean(axis=1) > best).all()
    assert richer.any()


def test_a_world_needs_history_before_its_first_day() -> None:
    with pytest.raises(ValueError, match="are needed before"):
        world_of_history(history(), day_number(FIRST_DAY) + 10, day_number(UNTIL))


def stressed(stress: Stress) -> History:
    return generate("ci", 5, FIRST_DAY, date(2024, 6, 30), stress=stress).history


def test_stress_changes_only_what_it_names() -> None:
    calm, half = stressed(Stress()), stressed(Stress(demand=0.5))
    assert len(half.lines.day) / len(calm.lines.day) == pytest.approx(0.5, abs=0.05)
    assert (half.suppliers.mean_days == calm.suppliers.mean_days).all()
    wild = stressed(Stress(lead_time_variance=2.0))
    assert wild.suppliers.cv**2 == pytest.approx(2 * calm.suppliers.cv**2)
    assert len(wild.lines.day) == len(calm.lines.day)


def test_a_fallen_currency_slows_imports_from_its_day_on() -> None:
    calm, fallen = Economy(5), Economy(5, stress=Stress(currency_fall=0.4, currency_falls_on=date(2024, 3, 1)))
    assert fallen.usd_brl(date(2024, 3, 1)) == calm.usd_brl(date(2024, 3, 1))
    assert fallen.usd_brl(date(2024, 7, 1)) == pytest.approx(1.4 * calm.usd_brl(date(2024, 7, 1)), abs=1e-3)
    late = date(2024, 5, 10)
    assert fallen.import_delay_factor(late, 1.0) > calm.import_delay_factor(late, 1.0) + 0.2


def test_scores_add_up_to_the_replay_whatever_the_segments() -> None:
    outcome, series = outcomes()["cover"], world().series
    one = Segments(["A"] * series, ["vital"] * series)
    several = Segments(
        ["ABC"[i % 3] for i in range(series)], ["vital" if i % 2 else "desirable" for i in range(series)]
    )
    settings = [("no_policy", 30.0), ("no_policy", 45.0), ("no_policy", 60.0), ("no_policy", 90.0)]
    labels: dict[str, object] = {"seed": 5, "scenario": "base"}
    whole, split = (score(world(), outcome, [YEAR], s, settings=settings, labels=labels) for s in (one, several))
    scored = world().lines.day >= SCORED_FROM
    first = whole.filter(pc.equal(whole["knob"], 30.0)).to_pylist()[0]
    assert first["stocked_out_lines_count"] == outcome.is_stocked_out[0, scored].sum()
    assert first["demand_lines_count"] == scored.sum()
    assert first["mean_inventory_brl"] == pytest.approx(outcome.inventory_brl[0, 0].sum())
    assert first["orders_count"] == outcome.orders[0, 0].sum()
    assert split.num_rows == 6 * whole.num_rows
    for name in (
        "series_count",
        "demand_lines_count",
        "stocked_out_lines_count",
        "backorder_unit_days",
        "ordered_units",
    ):
        assert pc.sum(split[name]) == pc.sum(whole[name]), name


def scored(policy: str, knob: float, window: str, *, stocked_out: int, inventory: float) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(SCHEMA.names, 0)
    labels = {"scenario": "base", "policy": policy, "knob": knob, "window_name": window}
    days = {"first_day_on": FIRST_DAY, "last_day_on": UNTIL, "abc_class": "A", "criticality": "vital"}
    return row | labels | days | {"stocked_out_lines_count": stocked_out, "mean_inventory_brl": inventory}


def test_the_knob_is_chosen_on_the_validation_year_alone() -> None:
    seen = [("no_policy", 30, 100, 1000.0), ("cost_based", 1, 60, 500), ("cost_based", 2, 40, 849)]
    seen += [("cost_based", 3, 9, 851)]
    rows = [scored(p, k, "validation", stocked_out=out, inventory=stock) for p, k, out, stock in seen]
    assert choose_knob(pa.Table.from_pylist(rows, SCHEMA)) == 2
    later = [scored("no_policy", 30, "score", stocked_out=100, inventory=1)]
    later += [scored("cost_based", 1, "score", stocked_out=0, inventory=0)]
    table = pa.Table.from_pylist(rows + later, SCHEMA)
    assert choose_knob(table) == 2
    marked = mark_chosen(table, 2)
    assert marked.filter(marked["is_chosen"])["stocked_out_lines_count"].to_pylist() == [40]


def test_the_leanest_knob_is_chosen_when_none_is_lean_enough() -> None:
    rows = [scored("no_policy", 30, "validation", stocked_out=100, inventory=10)]
    rows += [scored("cost_based", 1, "validation", stocked_out=60, inventory=20)]
    rows += [scored("cost_based", 2, "validation", stocked_out=40, inventory=30)]
    assert choose_knob(pa.Table.from_pylist(rows, SCHEMA)) == 1
    with pytest.raises(ValueError, match="nothing to choose from"):
        choose_knob(pa.Table.from_pylist(rows[:1], SCHEMA))


def test_outcomes_leave_in_the_columns_of_their_contract() -> None:
    contract = {field.name: field.type for field in POLICY_OUTCOMES.schema}
    assert contract == {**{field.name: field.type for field in SCHEMA}, "is_chosen": pa.bool_()}
