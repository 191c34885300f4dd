"""What the field asks for: requisition lines and the visits to towers that cause them, day by day.

A series is an item at a location (series = item x locations + location). The loop runs over days; each day is drawn for
all series at once from its own streams.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from simulator.assumptions import (
    BATTERY_MINUTES,
    BURST_SHAPE,
    CATEGORIES,
    LINES_PER_VISIT,
    LOGNORMAL_SIZE_SD,
    RAIN_CAP,
    RAIN_SCALE_MM,
    ROLLOUT_MIDDLE,
    ROLLOUT_SCALE_DAYS,
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
from simulator.grouping import ranks
from simulator.network import Network
from simulator.setting import Setting
from simulator.streams import Floats, Ints, Stream, keyed
from simulator.weather import Weather

NORMAL, CANCELLED, RETURN, DUPLICATE, SERVICE, UNKNOWN = range(6)
PREVENTIVE, CORRECTIVE = 0, 1
URGENT = 1
LAST_MINUTE_OF_A_DAY = 23 * 60 + 50
RETURN_AFTER_DAYS = 7
REQUIRED_DATE_SHARE = 0.5
FIRST_SERVICE_LINE_NUMBER = 900


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
    priority: Ints  # 1, 2, 3: URGENT is the first
    opened: Ints
    response_minutes: Ints
    repair_minutes: Ints
    travel_minutes: Ints
    battery_minutes: Ints


Block = TypeVar("Block", Lines, Visits)


def rollout(day: int) -> float:
    """Share of the 5G roll-out reached on a day (0 to 1, logistic)."""
    middle = int(np.datetime64(ROLLOUT_MIDDLE, "D").astype(np.int64))
    return float(1 / (1 + np.exp(-(day - middle) / ROLLOUT_SCALE_DAYS)))


def simulate_demand(setting: Setting, items: Items, network: Network, weather: Weather) -> tuple[Lines, Visits]:
    """All lines and visits of the history."""
    rates = _Rates(setting, items, network, weather)
    line_blocks: list[Lines] = []
    visit_blocks: list[Visits] = []
    line_count = visit_count = requisition_count = 0
    for day in range(setting.first_day, setting.until + 1):
        lines, visits = _draw_day(setting, items, network, rates, day)
        _add_dirt(setting, day, lines)
        extras = [lines, *_extras(setting, day, lines, len(items.service_ids), line_count)]
        returns = _returns(setting, day, line_blocks, len(visits.day), line_count)
        if returns is not None:
            extras.append(returns)
        lines = _concatenate(Lines, extras)
        lines.visit[lines.visit >= 0] += visit_count
        lines.requisition += requisition_count
        line_blocks.append(lines)
        visit_blocks.append(visits)
        line_count += len(lines.day)
        visit_count += len(visits.day)
        requisition_count += len(visits.day) + (len(returns.day) if returns is not None else 0)
    return _concatenate(Lines, line_blocks), _concatenate(Visits, visit_blocks)


class _Rates:
    """Lines per day of every series on a day."""

    def __init__(self, setting: Setting, items: Items, network: Network, weather: Weather) -> None:
        self._items, self._network, self._weather, self._seed = items, network, weather, setting.seed
        locations = setting.locations
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


def _draw_day(setting: Setting, items: Items, network: Network, rates: _Rates, day: int) -> tuple[Lines, Visits]:
    rate, storm = rates.of_day(day)
    random = keyed(setting.seed, Stream.DEMAND_LINES, day)
    counts = random.poisson(rate)
    hit = np.flatnonzero(counts)
    series = np.repeat(hit, counts[hit])
    quantity = draw_sizes(items, series // setting.locations, random)
    location = series % setting.locations
    kind = np.where(rates.preventive[series] & (storm[location] == 0), PREVENTIVE, CORRECTIVE)
    tower, visit, visits = _draw_visits(setting, network, location, kind, day)

    order = np.lexsort((series, visit))
    visit, count = visit[order], len(series)
    asking = keyed(setting.seed, Stream.DEMAND_LINES, day, 1)
    delay = asking.integers(5, 90, len(visits.day))
    minute = (visits.opened - local_midnight(day)) // MICROSECONDS_A_MINUTE + delay
    requested = local_midnight(day) + np.minimum(minute, LAST_MINUTE_OF_A_DAY) * MICROSECONDS_A_MINUTE
    has_date = asking.random(count) < REQUIRED_DATE_SHARE
    lines = Lines(
        day=np.full(count, day, dtype=np.int64),
        series=series[order],
        service=np.full(count, -1, dtype=np.int64),
        location=location[order],
        tower=tower[order],
        visit=visit,
        requisition=visit.copy(),
        line_number=ranks(visit),
        quantity=quantity[order],
        requested=requested[visit],
        kind=np.full(count, NORMAL, dtype=np.int64),
        origin=np.full(count, -1, dtype=np.int64),
        settled=np.full(count, NEVER, dtype=np.int64),
        hides_location=np.zeros(count, dtype=np.int64),
        required_in_days=np.where(has_date, asking.integers(0, 15, count), -1),
    )
    return lines, visits


def _draw_visits(setting: Setting, network: Network, location: Ints, kind: Ints, day: int) -> tuple[Ints, Ints, Visits]:
    """Group the lines of a day into visits: a few lines share a tower."""
    random = keyed(setting.seed, Stream.WORK_ORDERS, day)
    pool = location * 2 + kind
    pools = setting.locations * 2
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
        battery_minutes=keyed(setting.seed, Stream.WORK_ORDERS, day, 1).integers(*BATTERY_MINUTES, count),
    )
    return tower, visit.astype(np.int64), visits


def _add_dirt(setting: Setting, day: int, lines: Lines) -> None:
    """Mark lines of the day as cancelled, unknown or without location, in place."""
    seed, dirt = setting.seed, setting.dirt
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


def _extras(setting: Setting, day: int, lines: Lines, services: int, rows: int) -> list[Lines]:
    """Services asked along with parts, and lines entered twice. `rows` lines exist before the day."""
    count, dirt = len(lines.day), setting.dirt
    random = keyed(setting.seed, Stream.DEMAND_DIRT, day, 1)
    serviced = np.flatnonzero(random.random(count) < dirt.service)
    service = _take(lines, serviced)
    service.service = random.integers(0, services, len(serviced))
    service.series = np.full(len(serviced), -1, dtype=np.int64)
    service.quantity = random.integers(1, 4, len(serviced))
    service.kind = np.full(len(serviced), SERVICE, dtype=np.int64)
    service.settled = service.requested + random.integers(600, 20_000, len(serviced)) * MICROSECONDS_A_MINUTE
    service.line_number = FIRST_SERVICE_LINE_NUMBER + ranks(service.requisition)
    service.hides_location = np.minimum(service.hides_location, 1)

    repeated = np.flatnonzero(random.random(count) < dirt.duplicate)
    twice = _take(lines, repeated)
    twice.origin = rows + repeated
    twice.kind = np.full(len(repeated), DUPLICATE, dtype=np.int64)
    return [service, twice]


def _returns(setting: Setting, day: int, before: list[Lines], visits: int, rows: int) -> Lines | None:
    """Parts of lines of last week that come back, each under a requisition of its own."""
    if len(before) < RETURN_AFTER_DAYS:
        return None
    random = keyed(setting.seed, Stream.DEMAND_DIRT, day, 2)
    old = before[-RETURN_AFTER_DAYS]
    old_first = rows - sum(len(block.day) for block in before[-RETURN_AFTER_DAYS:])
    given = np.flatnonzero((random.random(len(old.day)) < setting.dirt.returned) & (old.kind == NORMAL))
    back, count = _take(old, given), len(given)
    back.day = np.full(count, day, dtype=np.int64)
    back.origin = old_first + given
    back.quantity = -np.maximum(1, back.quantity // 2)
    back.requested = local_midnight(day) + random.integers(8 * 60, 17 * 60, count) * MICROSECONDS_A_MINUTE
    back.kind = np.full(count, RETURN, dtype=np.int64)
    back.visit = np.full(count, -1, dtype=np.int64)
    back.requisition = visits + np.arange(count)
    back.line_number = np.ones(count, dtype=np.int64)
    back.required_in_days = np.full(count, -1, dtype=np.int64)
    return back


def _take(lines: Lines, rows: Ints) -> Lines:
    return Lines(**{f.name: getattr(lines, f.name)[rows] for f in fields(Lines)})


def _concatenate(kind: type[Block], blocks: list[Block]) -> Block:
    return kind(**{f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(kind)})
