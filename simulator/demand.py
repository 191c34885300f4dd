"""What the field asks for: requisition lines and the visits to towers that cause them, day by day.

A series is an item at a location (series = item x locations + location). The loop runs over days; each day is drawn for all
series at once from its own streams.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

import numpy as np

from simulator.assumptions import (
    BURST_SHAPE,
    CATEGORIES,
    LINES_PER_VISIT,
    LOGNORMAL_SIZE_SD,
    RAIN_CAP,
    RAIN_SCALE_MM,
    ROLLOUT_MIDDLE,
    ROLLOUT_SCALE_DAYS,
    Dirt,
)
from simulator.brazil_calendar import is_carnival
from simulator.catalogue import GEOMETRIC, LOGNORMAL, Items
from simulator.clock import (
    MICROSECONDS_A_DAY,
    MICROSECONDS_A_MINUTE,
    MICROSECONDS_AN_HOUR,
    NEVER,
    day_number,
    day_of,
    local_midnight,
    month_number,
)
from simulator.network import Network
from simulator.streams import Floats, Ints, Stream, keyed
from simulator.weather import Weather

NORMAL, CANCELLED, RETURN, DUPLICATE, SERVICE, UNKNOWN = range(6)
PREVENTIVE, CORRECTIVE = 0, 1
LAST_MINUTE_OF_A_DAY = 23 * 60 + 50
RETURN_AFTER_DAYS = 7


@dataclass
class Lines:
    """Requisition lines in the order of their ids. Arrays are indexed alike; -1 means none."""

    day: Ints
    series: Ints  # -1 for services
    service: Ints  # index of the service, -1 for goods
    location: Ints
    tower: Ints
    visit: Ints
    requisition: Ints
    line_number: Ints
    quantity: Ints
    requested: Ints  # UTC microseconds
    kind: Ints
    origin: Ints  # row that a duplicate repeats or a return gives back
    settled: Ints  # moment of a cancellation or of a direct purchase, NEVER otherwise
    hides_location: Ints  # 0 nothing, 1 location missing, 2 location, tower and work order missing
    required_in_days: Ints  # -1 when no date was asked for


@dataclass
class Visits:
    """Work orders: one tower on one day, preventive or corrective."""

    day: Ints
    tower: Ints
    kind: Ints
    priority: Ints  # 1, 2, 3
    opened: Ints
    response_minutes: Ints
    repair_minutes: Ints
    travel_minutes: Ints


Block = TypeVar("Block", Lines, Visits)


@dataclass
class _Blocks:
    lines: list[Lines] = field(default_factory=list)
    visits: list[Visits] = field(default_factory=list)


def rollout(day: int) -> float:
    """Share of the 5G roll-out reached on a day (0 to 1, logistic)."""
    middle = int(np.datetime64(ROLLOUT_MIDDLE, "D").astype(np.int64))
    return float(1 / (1 + np.exp(-(day - middle) / ROLLOUT_SCALE_DAYS)))


def simulate_demand(
    items: Items, network: Network, weather: Weather, seed: int, first_day: int, until: int, dirt: Dirt
) -> tuple[Lines, Visits]:
    """All lines and visits from the first day to `until` (day numbers, inclusive)."""
    locations = len(network.location_ids)
    rates = _Rates(items, network, weather, seed)
    blocks, line_count, visit_count, requisition_count = _Blocks(), 0, 0, 0
    for day in range(first_day, until + 1):
        lines, visits = _draw_day(items, network, rates, seed, day, locations)
        _add_dirt(lines, seed, day, dirt)
        lines = _sequel(lines, blocks.lines, line_count, items, seed, day, dirt)
        goods = lines.visit >= 0
        lines.visit[goods] += visit_count
        lines.requisition += requisition_count
        returns = lines.kind == RETURN
        lines.visit[returns] = -1
        blocks.lines.append(lines)
        blocks.visits.append(visits)
        line_count += len(lines.day)
        visit_count += len(visits.day)
        requisition_count += len(visits.day) + int(returns.sum())
    return _concatenate(Lines, blocks.lines), _concatenate(Visits, blocks.visits)


class _Rates:
    """Lines per day of every series on a day."""

    def __init__(self, items: Items, network: Network, weather: Weather, seed: int) -> None:
        self._items, self._network, self._weather, self._seed = items, network, weather, seed
        locations = len(network.location_ids)
        self._base = items.rate.reshape(-1)
        self._item = np.repeat(np.arange(len(items.ids)), locations)
        self._category = items.category[self._item]
        self._station = np.tile(network.location_station, len(items.ids))
        self._starts, self._ends = items.starts[self._item], items.ends[self._item]
        self.preventive = items.is_preventive[self._item]
        self._rain_beta = np.array([c.rain_beta for c in CATEGORIES])
        self._storm = np.array([c.storm_factor for c in CATEGORIES])
        self._rollout_beta = np.array([c.rollout_beta for c in CATEGORIES])
        self._month = -1
        self._monthly = self._base

    def of_day(self, day: int) -> tuple[Floats, Ints]:
        """Rates of all series, and whether a storm passes over each location."""
        today = day_of(day)
        if month_number(today) != self._month:
            self._month = month_number(today)
            self._monthly = self._month_rates(day)
        rain, storm = self._weather.day(today)
        effect = np.exp(self._rain_beta[:, None] * np.minimum(rain / RAIN_SCALE_MM, RAIN_CAP)[None, :])
        effect = np.where(storm[None, :], effect * self._storm[:, None], effect)
        rate = self._monthly * effect[self._category, self._station]
        rate = np.where((self._starts <= day) & (day < self._ends), rate, 0.0)
        if today.weekday() >= 5 or is_carnival(today):
            rate = np.where(self.preventive, 0.0, rate)
        return rate, storm[self._network.location_station].astype(np.int64)

    def _month_rates(self, day: int) -> Floats:
        burst = keyed(self._seed, Stream.DEMAND_BURST, self._month).gamma(BURST_SHAPE, 1 / BURST_SHAPE, len(self._base))
        middle = day_number(day_of(day).replace(day=15))
        year_day = middle % 365.25
        peak, amplitude = self._items.season_peak_day, self._items.season_amplitude
        season = 1 + amplitude * np.cos(2 * np.pi * (year_day - peak) / 365.25)
        growth = np.exp(self._rollout_beta * rollout(middle))
        return self._base * burst * season[self._item] * growth[self._category]


def draw_sizes(items: Items, item: Ints, random: np.random.Generator) -> Ints:
    """Units of each line by its item's size law: whole numbers from 1."""
    law, parameter = items.size_law[item], items.size_parameter[item]
    sizes = np.ones(len(item), dtype=np.int64)
    uniform, normal = random.random(len(item)), random.standard_normal(len(item))
    geometric = law == GEOMETRIC
    sizes[geometric] = np.ceil(np.log1p(-uniform[geometric]) / np.log1p(-parameter[geometric])).astype(np.int64)
    heavy = law == LOGNORMAL
    sizes[heavy] = np.ceil(parameter[heavy] * np.exp(LOGNORMAL_SIZE_SD * normal[heavy])).astype(np.int64)
    return np.maximum(sizes, 1)


def _draw_day(
    items: Items, network: Network, rates: _Rates, seed: int, day: int, locations: int
) -> tuple[Lines, Visits]:
    rate, storm = rates.of_day(day)
    random = keyed(seed, Stream.DEMAND_LINES, day)
    counts = random.poisson(rate)
    hit = np.flatnonzero(counts)
    series = np.repeat(hit, counts[hit])
    quantity = draw_sizes(items, series // locations, random)
    location = series % locations
    kind = np.where(rates.preventive[series] & (storm[location] == 0), PREVENTIVE, CORRECTIVE)
    tower, visit, visits = _draw_visits(network, location, kind, seed, day)

    order = np.lexsort((series, visit))
    series, quantity, location, tower, visit = (a[order] for a in (series, quantity, location, tower, visit))
    asked = keyed(seed, Stream.DEMAND_LINES, day, 1)
    delay = asked.integers(5, 90, len(visits.day))
    minute = (visits.opened - local_midnight(day)) // MICROSECONDS_A_MINUTE + delay
    requested = local_midnight(day) + np.minimum(minute, LAST_MINUTE_OF_A_DAY) * MICROSECONDS_A_MINUTE
    return _plain_lines(day, series, location, tower, visit, quantity, requested[visit], asked), visits


def _plain_lines(
    day: int,
    series: Ints,
    location: Ints,
    tower: Ints,
    visit: Ints,
    quantity: Ints,
    requested: Ints,
    random: np.random.Generator,
) -> Lines:
    count = len(series)
    asks = random.random(count) < 0.5
    return Lines(
        day=np.full(count, day, dtype=np.int64),
        series=series,
        service=np.full(count, -1, dtype=np.int64),
        location=location,
        tower=tower,
        visit=visit,
        requisition=visit.copy(),
        line_number=_ranks(visit),
        quantity=quantity,
        requested=requested,
        kind=np.full(count, NORMAL, dtype=np.int64),
        origin=np.full(count, -1, dtype=np.int64),
        settled=np.full(count, NEVER, dtype=np.int64),
        hides_location=np.zeros(count, dtype=np.int64),
        required_in_days=np.where(asks, random.integers(0, 15, count), -1),
    )


def _draw_visits(network: Network, location: Ints, kind: Ints, seed: int, day: int) -> tuple[Ints, Ints, Visits]:
    """Group the lines of a day into visits: a few lines share a tower."""
    random = keyed(seed, Stream.WORK_ORDERS, day)
    pool = location * 2 + kind
    pools = len(network.location_ids) * 2
    stops = np.ceil(np.bincount(pool, minlength=pools) / LINES_PER_VISIT).astype(np.int64)
    offset = np.concatenate([[0], np.cumsum(stops)])
    towers = np.empty(offset[-1], dtype=np.int64)
    for index in range(pools):
        served = network.towers_of_location[index // 2]
        towers[offset[index] : offset[index + 1]] = served[random.integers(0, len(served), stops[index])]
    stop = offset[pool] + (random.random(len(pool)) * stops[pool]).astype(np.int64)
    tower = towers[stop]
    visit_keys, visit = np.unique(tower * 2 + kind, return_inverse=True)
    visit_kind = visit_keys % 2
    count = len(visit_keys)
    morning = random.uniform(7.0, 10.0, count)
    any_hour = random.uniform(0.2, 22.0, count)
    hour = np.where(visit_kind == PREVENTIVE, morning, any_hour)
    opened = local_midnight(day) + (hour * MICROSECONDS_AN_HOUR).astype(np.int64) // 1_000_000 * 1_000_000
    corrective_priority = 1 + (random.random(count)[:, None] > np.array([0.25, 0.70])[None, :]).sum(axis=1)
    visits = Visits(
        day=np.full(count, day, dtype=np.int64),
        tower=visit_keys // 2,
        kind=visit_kind,
        priority=np.where(visit_kind == PREVENTIVE, 3, corrective_priority),
        opened=opened,
        response_minutes=np.ceil(np.exp(random.normal(np.log(130), 0.6, count))).astype(np.int64),
        repair_minutes=np.ceil(np.exp(random.normal(np.log(110), 0.6, count))).astype(np.int64),
        travel_minutes=random.integers(120, 1_500, count),
    )
    return tower, visit.astype(np.int64), visits


def _add_dirt(lines: Lines, seed: int, day: int, dirt: Dirt) -> None:
    """Mark lines of the day as cancelled, unknown or without location, in place."""
    random = keyed(seed, Stream.DEMAND_DIRT, day)
    count = len(lines.day)
    fate, hidden, wait = random.random(count), random.random(count), random.integers(10, 300, count)
    cancelled = fate < dirt.cancelled
    unknown = ~cancelled & (fate > 1 - dirt.unknown_item)
    lines.kind[cancelled] = CANCELLED
    lines.kind[unknown] = UNKNOWN
    lines.settled[cancelled] = (lines.requested + wait * MICROSECONDS_A_MINUTE)[cancelled]
    lines.settled[unknown] = (lines.requested + (1 + wait % 20) * MICROSECONDS_A_DAY)[unknown]
    lines.hides_location[hidden < dirt.no_location] = 1
    lines.hides_location[hidden < dirt.no_location_no_tower] = 2


def _sequel(lines: Lines, before: list[Lines], rows: int, items: Items, seed: int, day: int, dirt: Dirt) -> Lines:
    """Append the day's services, returns and duplicates."""
    count = len(lines.day)
    random = keyed(seed, Stream.DEMAND_DIRT, day, 1)
    extra = [lines]

    serviced = np.flatnonzero(random.random(count) < dirt.service)
    if len(serviced):
        service = _take(lines, serviced)
        service.service = random.integers(0, len(items.service_ids), len(serviced))
        service.series = np.full(len(serviced), -1, dtype=np.int64)
        service.quantity = random.integers(1, 4, len(serviced))
        service.kind = np.full(len(serviced), SERVICE, dtype=np.int64)
        service.settled = service.requested + random.integers(600, 20_000, len(serviced)) * MICROSECONDS_A_MINUTE
        service.line_number = 900 + _ranks(service.requisition)
        service.hides_location = service.hides_location % 2
        extra.append(service)

    if len(before) >= RETURN_AFTER_DAYS:
        old = before[-RETURN_AFTER_DAYS]
        old_first = rows - sum(len(block.day) for block in before[-RETURN_AFTER_DAYS:])
        given = np.flatnonzero((random.random(len(old.day)) < dirt.returned) & (old.kind == NORMAL))
        if len(given):
            back = _take(old, given)
            number = len(given)
            back.day = np.full(number, day, dtype=np.int64)
            back.origin = old_first + given
            back.quantity = -np.maximum(1, back.quantity // 2)
            minute = random.integers(8 * 60, 17 * 60, number)
            back.requested = local_midnight(day) + minute * MICROSECONDS_A_MINUTE
            back.kind = np.full(number, RETURN, dtype=np.int64)
            last = int(lines.requisition.max()) if count else -1
            back.requisition = last + 1 + np.arange(number)
            back.line_number = np.ones(number, dtype=np.int64)
            back.required_in_days = np.full(number, -1, dtype=np.int64)
            extra.append(back)

    repeated = np.flatnonzero(random.random(count) < dirt.duplicate)
    if len(repeated):
        twice = _take(lines, repeated)
        twice.origin = rows + repeated
        twice.kind = np.full(len(repeated), DUPLICATE, dtype=np.int64)
        extra.append(twice)
    return _concatenate(Lines, extra) if len(extra) > 1 else lines


def _ranks(group: Ints) -> Ints:
    """1, 2, 3… within equal neighbours."""
    if not len(group):
        return np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    sizes = np.diff(np.concatenate([first, [len(group)]]))
    return np.arange(len(group)) - np.repeat(first, sizes) + 1


def _take(lines: Lines, rows: Ints) -> Lines:
    return Lines(**{f.name: getattr(lines, f.name)[rows] for f in fields(Lines)})


def _concatenate(kind: type[Block], blocks: list[Block]) -> Block:
    return kind(**{f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(kind)})
