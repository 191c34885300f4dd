"""The world as a warehouse recorded it: a company's own demand, stock and deliveries instead of a generated company's.

What was not recorded is taken so: whole units; an order's lead time is one that its supplier, or if it delivered hardly
ever any supplier, needed for another order; nothing ordered in a replay is cancelled or split; an item that starts
mid-history is first bought when the rule says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simulator.clock import MICROSECONDS_AN_HOUR, NEVER, day_number, local_midnight
from simulator.grouping import running_sum
from simulator.policy.series import SeriesIndex
from simulator.policy.world import USAGE_DAYS, Entries, World, between, daily_units
from simulator.streams import Floats, Ints
from simulator.supply import Fates

FEWEST_DELIVERIES = 5  # of a supplier, to be drawn from alone
OFFICE_HOUR = 9 * MICROSECONDS_AN_HOUR
_MIXERS = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # of splitmix64


@dataclass(frozen=True)
class Records:
    """What a warehouse knows of the days to be replayed. Items and locations by id, days as dates, units decimal.

    Attributes:
        lines: item_id, location_id, requested_on, units: demand lines in the order asked; returns are negative.
        stock: item_id, location_id, units: on the shelf in the first morning less what was still waited for.
        arrivals: item_id, location_id, received_on, units: of orders that were requested before the first day.
        deliveries: supplier_id, lead_time_days: of completed order lines.
        parameters: item_id, location_id, valid_from_on, supplier_id, unit_cost_brl, pack_units, minimum_units.
    """

    lines: pa.Table
    stock: pa.Table
    arrivals: pa.Table
    deliveries: pa.Table
    parameters: pa.Table


def world_of_records(records: Records, index: SeriesIndex, first_day: date, last_day: date) -> World:
    """The recorded world between two days, both included.

    Raises:
        ValueError: There are no lines, no deliveries or no parameters, or the lines begin too late.
    """
    for name in ("lines", "deliveries", "parameters"):
        if not getattr(records, name).num_rows:
            raise ValueError(f"nothing to replay: the warehouse has no {name}; run the daily job first")
    first, last = day_number(first_day), day_number(last_day)
    earliest = pc.min(records.lines["requested_on"]).as_py()
    if day_number(earliest) > first - USAGE_DAYS:
        raise ValueError(
            f"the recorded lines begin on {earliest}; to replay from {first_day} they must begin "
            f"{USAGE_DAYS} days earlier"
        )
    day, series, units = _columns(records.lines, index, "requested_on")
    asked, returned = _entries(day, series, units, units > 0), _entries(day, series, -units, units < 0)
    replayed = between(asked, first, last)
    known = _Parameters.of(records.parameters, index, first, last)
    net = np.zeros(index.count, dtype=np.int64)
    np.add.at(net, index.numbers(records.stock), np.floor(records.stock["units"].to_numpy()).astype(np.int64))
    arrived_on, arrives_for, arriving = _columns(records.arrivals, index, "received_on")
    return World(
        first_day=first,
        last_day=last,
        lines=replayed,
        asked_before=running_sum(replayed.day * index.count + replayed.series, replayed.units),
        returned=between(returned, first, last),
        usage=(
            daily_units(asked, first - USAGE_DAYS, last, index.count)
            - daily_units(returned, first - USAGE_DAYS, last, index.count)
        ),
        net=net,
        pipeline=between(_entries(arrived_on, arrives_for, arriving, arriving > 0), first, last),
        order_number=np.zeros(index.count, dtype=np.int64),
        launches=Entries(*(np.zeros(0, dtype=np.int64) for _ in range(3))),
        unit_cost=known.unit_cost,
        pack=known.pack,
        minimum=known.minimum,
        suppliers=RecordedSuppliers.of(records.deliveries, known.supplier),
    )


@dataclass(frozen=True)
class RecordedSuppliers:
    """Suppliers that need as long as they once did: the n-th order of a series always meets the same delivery.

    Attributes:
        days: Lead times in days, those of one supplier after those of another.
        first: Where the lead times of each series' supplier begin.
        count: How many there are.
    """

    days: Ints
    first: Ints
    count: Ints

    @classmethod
    def of(cls, deliveries: pa.Table, supplier: Sequence[str | None]) -> RecordedSuppliers:
        """Lead times by series, from the deliveries of each series' supplier."""
        days = deliveries["lead_time_days"].to_numpy().astype(np.int64)
        names = np.array(deliveries["supplier_id"].to_pylist(), dtype=object)
        pools = {name: np.sort(days[names == name]) for name in sorted(set(names))}
        everybody = np.sort(days)
        chosen = [
            pool if name is not None and len(pool := pools.get(name, days[:0])) >= FEWEST_DELIVERIES else everybody
            for name in supplier
        ]
        place, first, blocks = {}, [], []
        length = 0
        for pool in chosen:
            if id(pool) not in place:
                place[id(pool)] = length
                blocks.append(pool)
                length += len(pool)
            first.append(place[id(pool)])
        return cls(np.concatenate(blocks), np.array(first), np.array([len(pool) for pool in chosen]))

    def place(self, day: int, series: Ints, quantity: Ints, number: Ints) -> Fates:
        """See `simulator.policy.world.Suppliers`."""
        drawn = _scatter(series, number) % self.count[series].astype(np.uint64)
        lead_time = self.days[self.first[series] + drawn.astype(np.int64)]
        requested = np.full(len(series), local_midnight(day) + OFFICE_HOUR, dtype=np.int64)
        received = requested + lead_time * (24 * MICROSECONDS_AN_HOUR)
        return Fates(
            requested=requested,
            ordered=requested,
            cancelled=np.full(len(series), NEVER, dtype=np.int64),
            first_receipt=received,
            last_receipt=received,
            first_quantity=quantity,
        )


@dataclass(frozen=True)
class _Parameters:
    unit_cost: Floats
    pack: Ints
    minimum: Ints
    supplier: list[str | None]

    @classmethod
    def of(cls, table: pa.Table, index: SeriesIndex, first: int, last: int) -> _Parameters:
        """Cost by day, the newest of all else; a series without parameters costs nothing and comes singly."""
        table = table.sort_by("valid_from_on")
        series = index.numbers(table)
        valid_from = table["valid_from_on"].combine_chunks().cast(pa.int32()).to_numpy().astype(np.int64)
        unit_cost = np.zeros((last - first + 1, index.count))
        for day in np.unique(valid_from):
            rows = valid_from == day
            unit_cost[max(day - first, 0) :, series[rows]] = table["unit_cost_brl"].to_numpy()[rows]
        pack, minimum = np.ones(index.count, dtype=np.int64), np.ones(index.count, dtype=np.int64)
        pack[series] = np.maximum(np.ceil(table["pack_units"].to_numpy()), 1)
        minimum[series] = np.maximum(np.ceil(table["minimum_units"].to_numpy()), 1)
        supplier: list[str | None] = [None] * index.count
        for number, name in zip(series, table["supplier_id"].to_pylist(), strict=True):
            supplier[number] = name
        return cls(unit_cost, pack, minimum, supplier)


def _columns(table: pa.Table, index: SeriesIndex, day: str) -> tuple[Ints, Ints, Ints]:
    days = table[day].combine_chunks().cast(pa.int32()).to_numpy().astype(np.int64)
    units = table["units"].to_numpy()
    return days, index.numbers(table), (np.sign(units) * np.ceil(np.abs(units))).astype(np.int64)


def _entries(day: Ints, series: Ints, units: Ints, chosen: npt.NDArray[np.bool_]) -> Entries:
    rows = np.flatnonzero(chosen)
    rows = rows[np.lexsort((rows, series[rows], day[rows]))]
    return Entries(day[rows], series[rows], units[rows])


def _scatter(series: Ints, number: Ints) -> npt.NDArray[np.uint64]:
    """A well mixed number of series and order number (splitmix64 by Steele, Lea and Flood, 2014)."""
    state = series.astype(np.uint64) * np.uint64(1 << 32) + number.astype(np.uint64)
    state = (state + np.uint64(1)) * np.uint64(_MIXERS[0])
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_MIXERS[1])
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_MIXERS[2])
    return state ^ (state >> np.uint64(31))
