"""Replays a world day by day under a rule.

A day: what arrives is put on the shelf, the position is looked at and orders are placed, then the lines are asked for.
A line is met at once when stock covers it whole after everything asked before it; otherwise it is stocked out and waits
with all that come later. Waiting lines go first when stock comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.clock import local_days
from simulator.policy.rules import Rule
from simulator.policy.world import World
from simulator.streams import Bools, Floats, Ints


@dataclass(frozen=True)
class Window:
    """Days over which a replay is measured, both included."""

    name: str
    first_day: int
    last_day: int

    @property
    def days(self) -> int:
        """Length in days."""
        return self.last_day - self.first_day + 1


@dataclass(frozen=True)
class Outcome:
    """What a rule did.

    Attributes:
        is_stocked_out: Settings x lines of the world: the line was not met at once.
        inventory_brl: Settings x windows x series: mean value on the shelf in the evening.
        backorder_days: Settings x windows x series: evenings with something waiting.
        backorder_unit_days: Settings x windows x series: units waiting, summed over evenings.
        orders: Settings x windows x series: order lines placed.
        ordered_units: Settings x windows x series.
    """

    is_stocked_out: Bools
    inventory_brl: Floats
    backorder_days: Ints
    backorder_unit_days: Ints
    orders: Ints
    ordered_units: Ints


def replay(
    world: World, rule: Rule, windows: Sequence[Window], *, watch: Callable[[int, Ints, Ints, Ints], None] | None = None
) -> Outcome:
    """Replay the world under every setting of a rule.

    Args:
        world: What is met.
        rule: How it is ordered.
        windows: Over which days to measure; they may overlap.
        watch: Called for each day's orders with the day, and setting, series and units of each order.

    Raises:
        ValueError: A window does not lie inside the world.
    """
    for window in windows:
        if not world.first_day <= window.first_day <= window.last_day <= world.last_day:
            raise ValueError(f"window {window.name} does not lie inside the replayed days")
    shape = (rule.settings, world.series)
    state = _State.opening(world, shape)
    measures = _Measures.empty(world, shape, windows)
    line_bounds = np.searchsorted(world.lines.day, np.arange(world.first_day, world.last_day + 2))
    back_bounds = np.searchsorted(world.returned.day, np.arange(world.first_day, world.last_day + 2))
    launch_bounds = np.searchsorted(world.launches.day, np.arange(world.first_day, world.last_day + 2))
    for index in range(world.days):
        day = world.first_day + index
        state.receive(index)
        wanted = rule.wanted(day, state.position, state.number)
        launches = slice(launch_bounds[index], launch_bounds[index + 1])
        fresh = state.number[:, world.launches.series[launches]] == 0
        first = np.where(fresh, world.launches.units[launches], 0)
        wanted[:, world.launches.series[launches]] = np.maximum(wanted[:, world.launches.series[launches]], first)
        setting, series, units = state.order(world, index, wanted)
        if watch is not None:
            watch(day, setting, series, units)

        backs = slice(back_bounds[index], back_bounds[index + 1])
        state.net += _totals(world, world.returned.series[backs], world.returned.units[backs])
        lines = slice(line_bounds[index], line_bounds[index + 1])
        asked_by = world.lines.series[lines]
        measures.is_stocked_out[:, lines] = state.net[:, asked_by] < world.asked_before[lines]
        state.net -= _totals(world, asked_by, world.lines.units[lines])
        measures.add(day, world.unit_cost[index], state.net, (setting, series, units))
    return measures.outcome()


def _totals(world: World, series: Ints, units: Ints) -> Ints:
    return np.bincount(series, units, minlength=world.series).astype(np.int64)


@dataclass
class _State:
    net: Ints
    on_order: Ints
    number: Ints
    arrivals: npt.NDArray[np.int32]  # days x settings x series

    @classmethod
    def opening(cls, world: World, shape: tuple[int, int]) -> _State:
        arrivals = np.zeros((world.days, *shape), dtype=np.int32)
        coming = world.pipeline
        by_series = np.zeros((world.days, world.series), dtype=np.int32)
        inside = coming.day <= world.last_day
        np.add.at(
            by_series,
            (coming.day[inside] - world.first_day, coming.series[inside]),
            coming.units[inside].astype(np.int32),
        )
        arrivals += by_series[:, None, :]
        on_order = np.bincount(coming.series, coming.units, minlength=world.series).astype(np.int64)
        return cls(
            net=np.tile(world.net, (shape[0], 1)),
            on_order=np.tile(on_order, (shape[0], 1)),
            number=np.tile(world.order_number, (shape[0], 1)),
            arrivals=arrivals,
        )

    @property
    def position(self) -> Ints:
        return self.net + self.on_order

    def receive(self, index: int) -> None:
        self.net += self.arrivals[index]
        self.on_order -= self.arrivals[index]

    def order(self, world: World, index: int, wanted: Floats) -> tuple[Ints, Ints, Ints]:
        """Place orders for what is wanted, in whole packs and not below the minimum order."""
        setting, series = np.nonzero(wanted > 0)
        pack = world.pack[series]
        units = np.maximum(np.ceil(wanted[setting, series] / pack) * pack, world.minimum[series]).astype(np.int64)
        fates = world.suppliers.place(world.first_day + index, series, units, self.number[setting, series])
        self.number[setting, series] += 1
        comes = ~fates.is_cancelled
        at = (setting[comes], series[comes])
        self.on_order[at] += units[comes]
        first_units = fates.first_quantity[comes]
        for moment, part in ((fates.first_receipt, first_units), (fates.last_receipt, units[comes] - first_units)):
            arrives = np.maximum(local_days(moment[comes]) - world.first_day, index + 1)
            inside = arrives < world.days
            self.arrivals[arrives[inside], at[0][inside], at[1][inside]] += part[inside].astype(np.int32)
        return setting, series, units


@dataclass
class _Measures:
    windows: Sequence[Window]
    is_stocked_out: Bools
    inventory_brl: Floats
    backorder_days: Ints
    backorder_unit_days: Ints
    orders: Ints
    ordered_units: Ints

    @classmethod
    def empty(cls, world: World, shape: tuple[int, int], windows: Sequence[Window]) -> _Measures:
        whole = (shape[0], len(windows), shape[1])
        return cls(
            windows,
            np.zeros((shape[0], len(world.lines.day)), dtype=bool),
            np.zeros(whole),
            *(np.zeros(whole, dtype=np.int64) for _ in range(4)),
        )

    def add(self, day: int, unit_cost: Floats, net: Ints, orders: tuple[Ints, Ints, Ints]) -> None:
        inside = [i for i, w in enumerate(self.windows) if w.first_day <= day <= w.last_day]
        if not inside:
            return
        shelf, waiting = np.maximum(net, 0) * unit_cost, np.maximum(-net, 0)
        setting, series, units = orders
        for i in inside:
            self.inventory_brl[:, i] += shelf
            self.backorder_days[:, i] += waiting > 0
            self.backorder_unit_days[:, i] += waiting
            self.orders[setting, i, series] += 1
            self.ordered_units[setting, i, series] += units

    def outcome(self) -> Outcome:
        days = np.array([w.days for w in self.windows], dtype=float)[None, :, None]
        return Outcome(
            self.is_stocked_out,
            self.inventory_brl / days,
            self.backorder_days,
            self.backorder_unit_days,
            self.orders,
            self.ordered_units,
        )
