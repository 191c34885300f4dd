"""What the company buys and from whom: items and suppliers, how they change, and how their demand is distributed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.assumptions import (
    CATEGORIES,
    COST_CHANGE_DAYS,
    COST_LOG_SD,
    ENDING_SHARE,
    GEOMETRIC_SIZE_SHARE,
    GEOMETRIC_SUCCESS,
    IMPORT_LEAD_TIME_FACTOR,
    LAMBDA_LOG10_MEAN,
    LAMBDA_LOG10_SD,
    LEAD_TIME_CHANGE_DAYS,
    LOGNORMAL_MEDIAN_UNITS,
    LOGNORMAL_SIZE_SD,
    PREVENTIVE_SHARE,
    PROMISE_CHANGE_DAYS,
    PROMISE_RATIO,
    SEASON_MAX_AMPLITUDE,
    SERVICE_CATEGORY,
    SERVICE_SHARE,
    STARTING_SHARE,
    SUPPLIER_CONCENTRATION,
    SUPPLIER_MEAN_LOG_SD,
    UNIT_SIZE_SHARE,
)
from simulator.brazil_calendar import is_business_day
from simulator.clock import MICROSECONDS_A_DAY, MICROSECONDS_AN_HOUR, day_of, local_midnight
from simulator.network import registered_at
from simulator.part_names import (
    FAMILIES,
    FOREIGN_CITIES,
    SERVICES,
    SUPPLIER_CITIES,
    SUPPLIER_TRADES,
    SUPPLIER_WORDS,
)
from simulator.setting import Setting
from simulator.streams import Bools, Floats, Ints, Stream, keyed

UNIT, GEOMETRIC, LOGNORMAL = 0, 1, 2
SIZE_LAW_NAMES = ("unit", "geometric", "lognormal")
LONG_AGO = -100_000
FAR_AHEAD = 100_000
REGISTERED_BEFORE_START_DAYS = 70


@dataclass(frozen=True)
class Suppliers:
    """Suppliers. `mean_days` is the truth, `promised_days` what they say at the end of the last day."""

    ids: list[str]
    names: list[str]
    places: list[tuple[str, str, str]]  # city, state, country
    category: Ints
    mean_days: Floats
    cv: Floats
    first_promised_days: Ints
    promised_days: Ints
    updated: Ints


@dataclass(frozen=True)
class Items:
    """Goods, indexed alike; services come after them in the ERP and have no stock."""

    ids: list[str]
    names: list[str]
    families: list[str]
    units: list[str]
    category: Ints
    supplier: Ints
    criticality: list[str]
    is_import: Bools
    is_preventive: Bools
    starts: Ints  # day number; LONG_AGO when before the history
    ends: Ints  # first day without demand; FAR_AHEAD when never
    season_amplitude: Floats
    season_peak_day: Floats
    size_law: Ints
    size_parameter: Floats  # geometric: success probability; lognormal: median units
    pack: Ints
    minimum: Ints
    first_cost: Floats
    cost_by_day: Floats  # history days x items, cost in force at the end of the day
    lead_time_by_day: Ints  # history days x items, promised lead time in force at the end of the day
    created: Ints
    updated: Ints
    service_ids: list[str]
    service_names: list[str]
    service_costs: list[float]
    rate: Floats  # items x locations, lines per day

    def mean_size(self) -> Floats:
        """Mean units of a line, by item."""
        geometric = 1 / np.maximum(self.size_parameter, 1e-9)
        lognormal = self.size_parameter * np.exp(LOGNORMAL_SIZE_SD**2 / 2) + 0.5
        return np.select(
            [self.size_law == UNIT, self.size_law == GEOMETRIC], [np.ones(len(self.ids)), geometric], lognormal
        )


def category_counts(shares: list[float], total: int, minimum: int) -> list[int]:
    """Split a total by shares (largest remainder), with a minimum each."""
    left = total - minimum * len(shares)
    exact = np.array(shares) * left
    counts = np.floor(exact).astype(int)
    for index in np.argsort(exact - counts)[::-1][: left - counts.sum()]:
        counts[index] += 1
    return [int(count) + minimum for count in counts]


def build_suppliers(setting: Setting) -> Suppliers:
    """Suppliers by category, and their promises at the end of the last day."""
    seed, size = setting.seed, setting.size
    random = keyed(seed, Stream.SUPPLIERS)
    counts = category_counts([c.share for c in CATEGORIES], size.suppliers, 1)
    category = np.repeat(np.arange(len(CATEGORIES)), counts)
    mean = np.array([CATEGORIES[c].lead_time_days for c in category])
    mean = mean * np.exp(random.normal(0, SUPPLIER_MEAN_LOG_SD, len(category)))
    promised = np.maximum(1, np.rint(mean * random.uniform(*PROMISE_RATIO, len(category)))).astype(np.int64)
    first_promised = promised.copy()
    names, places = [], []
    for index, own in enumerate(category):
        is_foreign = random.random() < 0.25 * CATEGORIES[own].import_share
        cities = FOREIGN_CITIES if is_foreign else SUPPLIER_CITIES
        places.append(cities[int(random.integers(len(cities)))])
        word = SUPPLIER_WORDS[index % len(SUPPLIER_WORDS)]
        trade = SUPPLIER_TRADES[(index // len(SUPPLIER_WORDS)) % len(SUPPLIER_TRADES)]
        lot = index // (len(SUPPLIER_WORDS) * len(SUPPLIER_TRADES))
        unit = f" FILIAL {lot + 1}" if lot else ""
        names.append(f"{word} FICTÍCIA {trade}{unit} LTDA.")
    updated = np.full(len(category), registered_at(setting), dtype=np.int64)
    for day in range(setting.first_day + 1, setting.until + 1):
        if is_business_day(day_of(day)):
            draws = keyed(seed, Stream.CATALOGUE_CHANGES, day, 1)
            changing = np.flatnonzero(draws.random(len(category)) < 1 / PROMISE_CHANGE_DAYS)
            if len(changing):
                ratio = draws.uniform(*PROMISE_RATIO, len(changing))
                promised[changing] = np.maximum(1, np.rint(mean[changing] * ratio))
                updated[changing] = local_midnight(day) + 10 * MICROSECONDS_AN_HOUR
    return Suppliers(
        ids=[f"F{i + 1:05d}" for i in range(len(category))],
        names=names,
        places=places,
        category=category,
        mean_days=mean,
        cv=np.sqrt(setting.stress.lead_time_variance) * np.array([CATEGORIES[c].lead_time_cv for c in category]),
        first_promised_days=first_promised,
        promised_days=promised,
        updated=updated,
    )


def build_items(setting: Setting, suppliers: Suppliers) -> Items:
    """The catalogue with the truth about each item's demand, and its costs over time."""
    size, first_day = setting.size, setting.first_day
    random = keyed(setting.seed, Stream.CATALOGUE)
    counts = category_counts([c.share for c in CATEGORIES], size.items, 1)
    category = np.repeat(np.arange(len(CATEGORIES)), counts)
    total = len(category)
    names, families, units = _names(counts, random)
    median = np.array([CATEGORIES[c].cost_median_brl for c in category])
    cost = np.round(median * np.exp(random.normal(0, COST_LOG_SD, total)), 2)
    law, parameter = _size_laws(cost, units, random)
    pack = np.where(law == UNIT, 1, np.where(law == GEOMETRIC, random.choice([1, 1, 5, 10], total), 10))
    pack = np.where((law == LOGNORMAL) & (parameter > 15), random.choice([25, 50, 100], total), pack)
    minimum = pack * random.choice([1, 1, 1, 2, 4], total)
    supplier = _choose_suppliers(category, suppliers, random)
    is_import = random.random(total) < np.array([CATEGORIES[c].import_share for c in category])
    rank = random.random(total)
    vital = np.array([CATEGORIES[c].vital_share for c in category])
    essential = np.array([CATEGORIES[c].essential_share for c in category])
    criticality = np.where(rank < vital, "vital", np.where(rank < vital + essential, "essential", "desirable"))

    life = random.permutation(total)
    # Lives are placed on the calendar of a fixed length, so that a longer history does not move them.
    starting, ending = round(STARTING_SHARE * total), round(ENDING_SHARE * total)
    starts, ends = np.full(total, LONG_AGO, dtype=np.int64), np.full(total, FAR_AHEAD, dtype=np.int64)
    middle = first_day + random.integers(int(size.history_days * 0.25), int(size.history_days * 0.75), total)
    starts[life[:starting]] = middle[:starting]
    ends[life[starting : starting + ending]] = middle[starting : starting + ending]

    rate = setting.stress.demand * 10 ** random.normal(LAMBDA_LOG10_MEAN, LAMBDA_LOG10_SD, (total, size.locations))
    is_preventive = random.permutation(total) < round(PREVENTIVE_SHARE * total)
    season = random.uniform(0, SEASON_MAX_AMPLITUDE, total), random.uniform(0, 365, total)
    promise = suppliers.first_promised_days[supplier] * np.where(is_import, IMPORT_LEAD_TIME_FACTOR, 1.0)
    services = max(3, round(SERVICE_SHARE * total))
    service_costs = [round(float(v), 2) for v in random.uniform(180, 6_000, services)]

    entered = (starts - REGISTERED_BEFORE_START_DAYS) * MICROSECONDS_A_DAY + local_midnight(0)
    created = np.where(starts > LONG_AGO, entered + 12 * MICROSECONDS_AN_HOUR, registered_at(setting))
    cost_by_day, lead_time_by_day, updated = _changes(setting, cost, np.rint(promise).astype(np.int64), created, ends)
    codes = random.permutation(np.arange(1, 10 * (total + services)))[: total + services]
    return Items(
        ids=[f"{code:06d}" for code in codes[:total]],
        names=names,
        families=families,
        units=units,
        category=category,
        supplier=supplier,
        criticality=[str(value) for value in criticality],
        is_import=is_import,
        is_preventive=is_preventive,
        starts=starts,
        ends=ends,
        season_amplitude=season[0],
        season_peak_day=season[1],
        size_law=law,
        size_parameter=parameter,
        pack=pack,
        minimum=minimum,
        first_cost=cost,
        cost_by_day=cost_by_day,
        lead_time_by_day=lead_time_by_day,
        created=created,
        updated=updated,
        service_ids=[f"{code:06d}" for code in codes[total:]],
        service_names=[
            SERVICES[i % len(SERVICES)] + ("" if i < len(SERVICES) else f" LOTE {i // len(SERVICES) + 1}")
            for i in range(services)
        ],
        service_costs=service_costs,
        rate=rate,
    )


def category_name(item_category: int) -> str:
    """The name of a category index; the one after the last is services."""
    return CATEGORIES[item_category].name if item_category < len(CATEGORIES) else SERVICE_CATEGORY


def _names(counts: list[int], random: np.random.Generator) -> tuple[list[str], list[str], list[str]]:
    names: list[str] = []
    families: list[str] = []
    units: list[str] = []
    for category, count in zip(CATEGORIES, counts, strict=True):
        pool = [(name, family) for family in FAMILIES[category.name] for name in family.descriptions()]
        order = random.permutation(len(pool))
        for index in range(count):
            name, family = pool[order[index % len(pool)]]
            series = index // len(pool)
            names.append(name if series == 0 else f"{name} SÉRIE {series + 1}")
            families.append(family.name)
            units.append(family.unit)
    return names, families, units


def _size_laws(cost: Floats, units: list[str], random: np.random.Generator) -> tuple[Ints, Floats]:
    """Dear parts go out one at a time, metres and cheap parts in lots: the shares are exact."""
    total = len(cost)
    is_bulk = np.array([unit in ("MT", "KG") for unit in units])
    score = np.argsort(np.argsort(np.log(cost) - 4.0 * is_bulk + random.normal(0, 1.0, total)))
    unit_from = total - round(UNIT_SIZE_SHARE * total)
    lognormal_to = total - round((UNIT_SIZE_SHARE + GEOMETRIC_SIZE_SHARE) * total)
    law = np.where(score >= unit_from, UNIT, np.where(score < lognormal_to, LOGNORMAL, GEOMETRIC))
    parameter = np.select(
        [law == UNIT, law == GEOMETRIC],
        [np.ones(total), random.uniform(*GEOMETRIC_SUCCESS, total)],
        np.exp(random.uniform(np.log(LOGNORMAL_MEDIAN_UNITS[0]), np.log(LOGNORMAL_MEDIAN_UNITS[1]), total)),
    )
    return law.astype(np.int64), parameter


def _choose_suppliers(category: Ints, suppliers: Suppliers, random: np.random.Generator) -> Ints:
    chosen = np.zeros(len(category), dtype=np.int64)
    for own in range(len(CATEGORIES)):
        candidates = np.flatnonzero(suppliers.category == own)
        weights = 1 / np.arange(1, len(candidates) + 1) ** SUPPLIER_CONCENTRATION
        members = np.flatnonzero(category == own)
        chosen[members] = random.choice(candidates, len(members), p=weights / weights.sum())
    return chosen


def _changes(setting: Setting, cost: Floats, lead_time: Ints, created: Ints, ends: Ints) -> tuple[Floats, Ints, Ints]:
    """Costs and promised lead times over the history; an item that ends is deactivated on that day."""
    total, first_day, until = len(cost), setting.first_day, setting.until
    now, updated = cost.copy(), created.copy()
    cost_by_day = np.empty((until - first_day + 1, total))
    lead_time_by_day = np.empty((until - first_day + 1, total), dtype=np.int64)
    for day in range(first_day, until + 1):
        if day > first_day and is_business_day(day_of(day)):
            random = keyed(setting.seed, Stream.CATALOGUE_CHANGES, day)
            change, step = random.random(total), random.normal(0.012, 0.05, total)
            stretch = random.uniform(0.85, 1.25, total)
            dearer = change < 1 / COST_CHANGE_DAYS
            slower = change > 1 - 1 / LEAD_TIME_CHANGE_DAYS
            now = np.where(dearer, np.round(now * np.exp(step), 2), now)
            lead_time = np.where(slower, np.maximum(1, np.rint(lead_time * stretch)).astype(np.int64), lead_time)
            moment = local_midnight(day) + 10 * MICROSECONDS_AN_HOUR
            updated = np.where((dearer | slower) & (created < moment), moment, updated)
        updated = np.where(ends == day, np.maximum(updated, local_midnight(day) + 12 * MICROSECONDS_AN_HOUR), updated)
        cost_by_day[day - first_day] = now
        lead_time_by_day[day - first_day] = lead_time
    return cost_by_day, lead_time_by_day, updated
