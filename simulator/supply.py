"""How the warehouses are supplied: a buyer without a policy, receipts with random lead times, issues first come first served.

The inventory position depends only on cumulative orders and demand, so purchases are simulated month by month on sums. A line
is issued whole at the first moment at which all that ever came in covers all that was asked up to that line: stock is never
negative and a big line waits with everything behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.assumptions import (
    CANCELLED_ORDER_SHARE,
    IMPORT_CURRENCY_EFFECT,
    IMPORT_LEAD_TIME_FACTOR,
    LAUNCH_COVER_DAYS,
    OPENING_COVER_DAYS,
    PROCESSING_LOG_MEAN_DAYS,
    PROCESSING_LOG_SD,
    REVIEW_MAX_COVER_DAYS,
    REVIEW_MIN_COVER_DAYS,
    REVIEW_WINDOW_DAYS,
    SPLIT_RECEIPT_SHARE,
    Dirt,
)
from simulator.catalogue import LONG_AGO, Items, Suppliers
from simulator.clock import (
    MICROSECONDS_A_DAY,
    MICROSECONDS_A_MINUTE,
    MICROSECONDS_AN_HOUR,
    NEVER,
    day_number,
    day_of,
    local_days,
    local_midnight,
)
from simulator.demand import NORMAL, RETURN, Lines
from simulator.economy import Economy
from simulator.streams import Bools, Floats, Ints, Stream, keyed

HANDLING = 40 * MICROSECONDS_A_MINUTE  # from having stock to handing it out
FIRST_REVIEW_AFTER_DAYS = 15
ONE_SERIES = 1 << 40  # more units than a series can ever move


@dataclass
class Orders:
    """Purchase order lines in the order of their ids. Moments in UTC microseconds, NEVER when not (yet)."""

    series: Ints
    supplier: Ints
    order_number: Ints  # the how-manieth order of the series
    purchase_order: Ints
    line_number: Ints
    quantity: Ints
    unit_price: Floats
    requested: Ints
    ordered: Ints
    recorded_order: Ints  # what the ERP shows: the dirt may put it before the request
    promised_day: Ints
    required_day: Ints  # -1 when none was given
    cancelled: Ints
    first_receipt: Ints
    last_receipt: Ints
    first_quantity: Ints


@dataclass
class Supply:
    """Everything that came in, and when each line went out."""

    orders: Orders
    opening: Ints  # units by series
    issued: Ints  # by line: moment of the issue, NEVER while it waits
    buyer_minimum: Floats  # by series: the buyers' own figures at their last review
    buyer_maximum: Floats
    reviewed: Ints  # moment of that review


class LeadTimes:
    """Random parts of lead times by (series, order number): the same order number meets the same fate under any policy."""

    def __init__(self, seed: int, series: int, shape: Floats) -> None:
        self._seed, self._series, self._shape = seed, series, shape
        self._tables: dict[int, tuple[Floats, Floats, Floats]] = {}

    def draw(self, series: Ints, number: Ints) -> tuple[Floats, Floats, Floats]:
        """Standard normal, Gamma with mean 1 and four uniforms for each order."""
        normal, gamma = np.empty(len(series)), np.empty(len(series))
        uniform = np.empty((len(series), 8))
        for own in np.unique(number):
            if own not in self._tables:
                random = keyed(self._seed, Stream.LEAD_TIMES, int(own))
                self._tables[own] = (
                    random.standard_normal(self._series),
                    random.standard_gamma(self._shape) / self._shape,
                    random.random((self._series, 8)),
                )
            table, rows = self._tables[own], number == own
            normal[rows], gamma[rows] = table[0][series[rows]], table[1][series[rows]]
            uniform[rows] = table[2][series[rows]]
        return normal, gamma, uniform


def simulate_supply(
    items: Items,
    suppliers: Suppliers,
    lines: Lines,
    economy: Economy,
    locations: int,
    seed: int,
    first_day: int,
    until: int,
    dirt: Dirt,
) -> Supply:
    """Purchases, receipts and issues up to `until`; moments after it are already fixed but not yet history."""
    total = len(items.ids) * locations
    item = np.repeat(np.arange(len(items.ids)), locations)
    expected = (items.rate * items.mean_size()[:, None]).reshape(-1)
    expected = np.where(items.is_preventive[item], expected * 5 / 7, expected)
    opening = _opening(items, item, expected, seed)
    orders, minimum, maximum, reviewed = _buy(
        items, suppliers, lines, economy, opening, expected, locations, seed, first_day, until, dirt
    )
    issued = _issue(lines, orders, opening, total, first_day)
    return Supply(orders, opening, issued, minimum, maximum, reviewed)


def _opening(items: Items, item: Ints, expected: Floats, seed: int) -> Ints:
    cover = keyed(seed, Stream.OPENING_STOCK).uniform(*OPENING_COVER_DAYS, len(item))
    units = np.ceil(expected * cover / items.pack[item]) * items.pack[item]
    return np.where(items.starts[item] == LONG_AGO, units, 0).astype(np.int64)


def review_days(first_day: int, until: int) -> list[int]:
    """The first days of the months after the first day."""
    first, last = day_of(first_day), day_of(until)
    months = range(first.year * 12 + first.month, last.year * 12 + last.month)
    return [day_number(date(m // 12, m % 12 + 1, 1)) for m in months]


def _buy(
    items: Items,
    suppliers: Suppliers,
    lines: Lines,
    economy: Economy,
    opening: Ints,
    expected: Floats,
    locations: int,
    seed: int,
    first_day: int,
    until: int,
    dirt: Dirt,
) -> tuple[Orders, Floats, Floats, Ints]:
    total = len(opening)
    item = np.repeat(np.arange(len(items.ids)), locations)
    counts = (lines.kind == NORMAL) | (lines.kind == RETURN)
    day_starts = np.searchsorted(lines.day, np.arange(first_day, until + 2))

    def moved(first: int, last: int, of: Bools) -> Floats:
        rows = slice(day_starts[first - first_day], day_starts[last - first_day])
        chosen = of[rows]
        return np.bincount(lines.series[rows][chosen], lines.quantity[rows][chosen], minlength=total)

    lead_times = LeadTimes(seed, total, 1 / suppliers.cv[items.supplier[item]] ** 2)
    position = opening.astype(np.float64)
    number = np.zeros(total, dtype=np.int64)
    minimum, maximum = expected * REVIEW_MIN_COVER_DAYS, expected * REVIEW_MAX_COVER_DAYS
    reviewed = np.full(total, local_midnight(first_day), dtype=np.int64)
    blocks: list[Orders] = []
    purchase_orders, seen = 0, first_day
    for day in review_days(first_day, until):
        position -= moved(seen, day, counts)  # returns are negative lines
        seen = day
        window = min(REVIEW_WINDOW_DAYS, day - first_day)
        if window < FIRST_REVIEW_AFTER_DAYS:
            continue
        use = np.maximum(moved(day - window, day, counts), 0) / window
        minimum, maximum = use * REVIEW_MIN_COVER_DAYS, use * REVIEW_MAX_COVER_DAYS
        reviewed[:] = local_midnight(day) + 8 * MICROSECONDS_AN_HOUR
        starts = items.starts[item]
        launching = (starts - day >= 30) & (starts - day < 62) & (number == 0)
        need = np.where(launching, expected * LAUNCH_COVER_DAYS, np.where(position < minimum, maximum - position, 0.0))
        due = np.flatnonzero(need > 0)
        if not len(due):
            continue
        pack, least = items.pack[item[due]], items.minimum[item[due]]
        quantity = np.maximum(np.ceil(need[due] / pack) * pack, least).astype(np.int64)
        order = np.lexsort((item[due], due % locations, items.supplier[item[due]]))
        due, quantity = due[order], quantity[order]
        promised = items.lead_time_by_day[day - first_day]
        block = _place(
            items,
            suppliers,
            economy,
            lead_times,
            due,
            quantity,
            number[due],
            item[due],
            promised,
            locations,
            day,
            seed,
            dirt,
        )
        block.purchase_order += purchase_orders
        purchase_orders = int(block.purchase_order.max()) + 1
        kept = block.cancelled == NEVER
        np.add.at(position, due[kept], quantity[kept])
        block.unit_price[:] = _prices(items, block, item[due], day - first_day)
        number[due] += 1
        blocks.append(block)
    empty = _empty_orders()
    merged = {name: np.concatenate([getattr(b, name) for b in (empty, *blocks)]) for name in vars(empty)}
    return Orders(**merged), minimum, maximum, reviewed


def _place(
    items: Items,
    suppliers: Suppliers,
    economy: Economy,
    lead_times: LeadTimes,
    series: Ints,
    quantity: Ints,
    number: Ints,
    item: Ints,
    promised_days: Ints,
    locations: int,
    day: int,
    seed: int,
    dirt: Dirt,
) -> Orders:
    """Place the orders of one review."""
    count = len(series)
    normal, gamma, uniform = lead_times.draw(series, number)
    supplier = items.supplier[item]
    abroad = IMPORT_LEAD_TIME_FACTOR * economy.import_delay_factor(day_of(day), IMPORT_CURRENCY_EFFECT)
    stretch = np.where(items.is_import[item], abroad, 1.0)
    requested = local_midnight(day) + ((8 + 9 * uniform[:, 0]) * 60).astype(np.int64) * MICROSECONDS_A_MINUTE
    processing = PROCESSING_LOG_MEAN_DAYS * np.exp(PROCESSING_LOG_SD * normal)
    ordered = requested + _minutes(processing)
    transit = suppliers.mean_days[supplier] * stretch * gamma
    arrival = _office_hours(ordered + _minutes(np.maximum(transit, 0.2)), uniform[:, 1])

    is_split = (uniform[:, 2] < SPLIT_RECEIPT_SHARE) & (quantity >= 2)
    first = np.where(is_split, np.clip(np.floor(quantity * (0.4 + 0.3 * uniform[:, 3])), 1, quantity - 1), quantity)
    second = _office_hours(arrival + _minutes(3 + 12 * uniform[:, 4]), uniform[:, 5])
    is_cancelled = uniform[:, 6] < CANCELLED_ORDER_SHARE
    never = np.full(count, NEVER, dtype=np.int64)
    cancelled = np.where(is_cancelled, requested + _minutes(1 + 20 * uniform[:, 7]), never)

    random = keyed(seed, Stream.PURCHASE_DIRT, day)
    is_inverted = random.random(count) < dirt.inverted_date
    back = np.ceil(np.exp(random.uniform(0, np.log(max(dirt.inverted_date_max_days, 1)), count)))
    recorded = np.where(is_inverted, requested - back.astype(np.int64) * MICROSECONDS_A_DAY, ordered)
    no_date = random.random(count) < dirt.no_required_date
    promised = local_days(ordered) + promised_days[item]
    group = supplier * locations + series % locations
    order_of_group = np.concatenate([[0], np.cumsum(group[1:] != group[:-1])])
    return Orders(
        series=series,
        supplier=supplier,
        order_number=number,
        purchase_order=order_of_group.astype(np.int64),
        line_number=_ranks(order_of_group),
        quantity=quantity,
        unit_price=np.zeros(count),
        requested=requested,
        ordered=np.where(ordered < cancelled, ordered, never),
        recorded_order=recorded,
        promised_day=promised,
        required_day=np.where(no_date, -1, day + 5 + random.integers(0, 40, count)),
        cancelled=cancelled,
        first_receipt=np.where(is_cancelled, never, arrival),
        last_receipt=np.where(is_cancelled, never, np.where(is_split, second, arrival)),
        first_quantity=first.astype(np.int64),
    )


def _prices(items: Items, block: Orders, item: Ints, history_day: int) -> Floats:
    """The item's cost of the day, a little more for the smallest orders."""
    surcharge = 1 + 0.04 / np.sqrt(block.quantity)
    prices: Floats = np.round(items.cost_by_day[history_day, item] * surcharge, 2)
    return prices


def _minutes(days: Floats) -> Ints:
    minutes: Ints = np.ceil(days * 1_440).astype(np.int64) * MICROSECONDS_A_MINUTE
    return minutes


def _office_hours(moment: Ints, uniform: Floats) -> Ints:
    """The next delivery hour (08-17 local) that is not before a moment."""
    day = local_days(moment)
    hour = local_midnight(0) + ((8 + 9 * uniform) * 60).astype(np.int64) * MICROSECONDS_A_MINUTE
    same_day: Ints = day * MICROSECONDS_A_DAY + hour
    return np.where(same_day >= moment, same_day, same_day + MICROSECONDS_A_DAY)


def _ranks(group: Ints) -> Ints:
    first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    sizes = np.diff(np.concatenate([first, [len(group)]]))
    ranks: Ints = np.arange(len(group)) - np.repeat(first, sizes) + 1
    return ranks


def _empty_orders() -> Orders:
    none = np.zeros(0, dtype=np.int64)
    return Orders(none, none, none, none, none, none, np.zeros(0), *([none] * 9))


def _issue(lines: Lines, orders: Orders, opening: Ints, total: int, first_day: int) -> Ints:
    """The moment at which each line is handed out."""
    demand_rows = np.flatnonzero(lines.kind == NORMAL)
    demand_rows = demand_rows[np.lexsort((demand_rows, lines.requested[demand_rows], lines.series[demand_rows]))]
    issued = np.full(len(lines.day), NEVER, dtype=np.int64)
    if not len(demand_rows):
        return issued

    returned = np.flatnonzero(lines.kind == RETURN)
    came = np.flatnonzero(orders.cancelled == NEVER)
    is_split = came[orders.first_quantity[came] < orders.quantity[came]]
    stocked = np.flatnonzero(opening > 0)
    series = np.concatenate([stocked, lines.series[returned], orders.series[came], orders.series[is_split]])
    moment = np.concatenate(
        [
            np.full(len(stocked), local_midnight(first_day), dtype=np.int64),
            lines.requested[returned],
            orders.first_receipt[came],
            orders.last_receipt[is_split],
        ]
    )
    units = np.concatenate(
        [
            opening[stocked],
            -lines.quantity[returned],
            orders.first_quantity[came],
            orders.quantity[is_split] - orders.first_quantity[is_split],
        ]
    )
    by_time = np.lexsort((np.arange(len(series)), moment, series))
    series, moment, units = series[by_time], moment[by_time], units[by_time]

    supplied = series * ONE_SERIES + _running_sum(series, units)
    wanted_series = lines.series[demand_rows]
    wanted = wanted_series * ONE_SERIES + _running_sum(wanted_series, lines.quantity[demand_rows])
    found = np.searchsorted(supplied, wanted, side="left")
    inside = np.minimum(found, len(series) - 1)
    covered = (found < len(series)) & (series[inside] == wanted_series)
    moment_out = np.maximum(lines.requested[demand_rows], moment[inside]) + HANDLING
    issued[demand_rows] = np.where(covered, moment_out, NEVER)
    return issued


def _running_sum(group: Ints, values: Ints) -> Ints:
    """Cumulative sums that start again with each group (equal neighbours)."""
    sums = np.cumsum(values)
    first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    before = np.concatenate([[0], sums[first[1:] - 1]])
    sizes = np.diff(np.concatenate([first, [len(group)]]))
    restarted: Ints = sums - np.repeat(before, sizes)
    return restarted
