"""How the warehouses are supplied: a buyer without a policy, random lead times, issues first come first served.

The inventory position depends only on cumulative orders and demand, so purchases are simulated month by month on sums.
A line is issued whole at the first moment at which all that ever came in covers all that was asked up to that line:
stock is never negative and a big line waits with everything behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

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
    WORKING_SHARE,
)
from simulator.catalogue import LONG_AGO, Items, Suppliers
from simulator.clock import (
    MICROSECONDS_A_DAY,
    MICROSECONDS_A_MINUTE,
    MICROSECONDS_AN_HOUR,
    NEVER,
    day_number,
    day_of,
    first_of_month,
    local_days,
    local_midnight,
    month_number,
)
from simulator.demand import NORMAL, RETURN, Lines
from simulator.economy import Economy
from simulator.grouping import ranks, running_sum
from simulator.setting import Setting
from simulator.streams import Bools, Floats, Ints, Stream, keyed

HANDLING = 40 * MICROSECONDS_A_MINUTE  # from having stock to handing it out
FIRST_REVIEW_AFTER_DAYS = 15
LAUNCH_AHEAD_DAYS = (30, 62)  # the first order for a new item is placed at one review in this window
SHORTEST_TRANSIT_DAYS = 0.2
UNIFORMS = 8  # uniform numbers that the fate of one order takes
SMALL_ORDER_SURCHARGE = 0.04  # of the price, for a single unit
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

    @property
    def is_cancelled(self) -> Bools:
        """Whether nothing ever comes."""
        cancelled: Bools = self.cancelled != NEVER
        return cancelled


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
    """Random parts of lead times by (series, order number): an order number meets the same fate under any policy."""

    def __init__(self, seed: int, series: int, shape: Floats) -> None:
        self._seed, self._series, self._shape = seed, series, shape
        self._drawn = 0
        self._normal, self._gamma = np.empty((0, series)), np.empty((0, series))
        self._uniform = np.empty((0, series, UNIFORMS))

    def draw(self, series: Ints, number: Ints) -> tuple[Floats, Floats, Floats]:
        """Standard normal, Gamma with mean 1 and eight uniforms for each order."""
        self._prepare(int(number.max(initial=-1)) + 1)
        return self._normal[number, series], self._gamma[number, series], self._uniform[number, series]

    def _prepare(self, numbers: int) -> None:
        """Draw the tables of the first so many order numbers, each from a stream of its own."""
        if numbers > len(self._normal):
            room = max(numbers, 2 * len(self._normal))
            self._normal, self._gamma, self._uniform = (
                np.concatenate([table, np.empty((room - len(table), *table.shape[1:]))])
                for table in (self._normal, self._gamma, self._uniform)
            )
        for own in range(self._drawn, numbers):
            random = keyed(self._seed, Stream.LEAD_TIMES, own)
            self._normal[own] = random.standard_normal(self._series)
            self._gamma[own] = random.standard_gamma(self._shape) / self._shape
            self._uniform[own] = random.random((self._series, UNIFORMS))
        self._drawn = max(self._drawn, numbers)


@dataclass
class Fates:
    """What becomes of orders placed on one day. Moments in UTC microseconds, NEVER when not."""

    requested: Ints
    ordered: Ints  # by the supplier's clock; a cancelled order may never get there
    cancelled: Ints
    first_receipt: Ints  # as if not cancelled
    last_receipt: Ints
    first_quantity: Ints

    @property
    def is_cancelled(self) -> Bools:
        """Whether nothing ever comes."""
        cancelled: Bools = self.cancelled != NEVER
        return cancelled


class Market:
    """Suppliers as a buyer meets them: the same order number of a series has the same fate under any policy."""

    def __init__(self, setting: Setting, items: Items, suppliers: Suppliers, economy: Economy) -> None:
        self._items, self._suppliers, self._economy = items, suppliers, economy
        self._item = np.repeat(np.arange(len(items.ids)), setting.locations)
        shape = 1 / suppliers.cv[items.supplier[self._item]] ** 2
        self._lead_times = LeadTimes(setting.seed, len(self._item), shape)

    def place(self, day: int, series: Ints, quantity: Ints, number: Ints) -> Fates:
        """The fates of orders requested on a day, all arguments but the day by order."""
        items, item = self._items, self._item[series]
        normal, gamma, uniform = self._lead_times.draw(series, number)
        abroad = IMPORT_LEAD_TIME_FACTOR * self._economy.import_delay_factor(day_of(day), IMPORT_CURRENCY_EFFECT)
        stretch = np.where(items.is_import[item], abroad, 1.0)
        requested = local_midnight(day) + ((8 + 9 * uniform[:, 0]) * 60).astype(np.int64) * MICROSECONDS_A_MINUTE
        ordered = requested + _minutes(PROCESSING_LOG_MEAN_DAYS * np.exp(PROCESSING_LOG_SD * normal))
        transit = np.maximum(self._suppliers.mean_days[items.supplier[item]] * stretch * gamma, SHORTEST_TRANSIT_DAYS)
        arrival = _office_hours(ordered + _minutes(transit), uniform[:, 1])

        is_split = (uniform[:, 2] < SPLIT_RECEIPT_SHARE) & (quantity >= 2)
        part = np.clip(np.floor(quantity * (0.4 + 0.3 * uniform[:, 3])), 1, np.maximum(quantity - 1, 1))
        second = _office_hours(arrival + _minutes(3 + 12 * uniform[:, 4]), uniform[:, 5])
        cancelled_at = requested + _minutes(1 + 20 * uniform[:, 7])
        return Fates(
            requested=requested,
            ordered=ordered,
            cancelled=np.where(uniform[:, 6] < CANCELLED_ORDER_SHARE, cancelled_at, NEVER),
            first_receipt=arrival,
            last_receipt=np.where(is_split, second, arrival),
            first_quantity=np.where(is_split, part, quantity).astype(np.int64),
        )


def simulate_supply(setting: Setting, items: Items, suppliers: Suppliers, lines: Lines, economy: Economy) -> Supply:
    """Purchases, receipts and issues; moments after the last day are already fixed but not yet history."""
    item = np.repeat(np.arange(len(items.ids)), setting.locations)
    expected = expected_units(items, setting.locations)
    cover = keyed(setting.seed, Stream.OPENING_STOCK).uniform(*OPENING_COVER_DAYS, len(item))
    units = np.ceil(expected * cover / items.pack[item]) * items.pack[item]
    opening = np.where(items.starts[item] == LONG_AGO, units, 0).astype(np.int64)
    buyer = Buyer(setting, items, suppliers, economy, expected)
    orders = buyer.buy(lines, opening)
    issued = _issue(setting, lines, orders, opening)
    return Supply(orders, opening, issued, buyer.minimum, buyer.maximum, buyer.reviewed)


def expected_units(items: Items, locations: int) -> Floats:
    """Units a day that a series is asked for in the long run, without weather, season and roll-out."""
    item = np.repeat(np.arange(len(items.ids)), locations)
    expected = (items.rate * items.mean_size()[:, None]).reshape(-1)
    return np.where(items.is_preventive[item], expected * WORKING_SHARE, expected)


def review_days(first_day: int, until: int) -> list[int]:
    """The first days of the months after the first day."""
    months = range(month_number(day_of(first_day)) + 1, month_number(day_of(until)) + 1)
    return [day_number(first_of_month(month)) for month in months]


class Buyer:
    """Reviews every series on the first of the month, with limits in days of trailing use and no idea of lead times."""

    def __init__(
        self, setting: Setting, items: Items, suppliers: Suppliers, economy: Economy, expected: Floats
    ) -> None:
        self._setting, self._items = setting, items
        self._item = np.repeat(np.arange(len(items.ids)), setting.locations)
        self._expected = expected
        self._market = Market(setting, items, suppliers, economy)
        self.minimum = expected * REVIEW_MIN_COVER_DAYS
        self.maximum = expected * REVIEW_MAX_COVER_DAYS
        self.reviewed = np.full(len(expected), local_midnight(setting.first_day), dtype=np.int64)

    def buy(self, lines: Lines, opening: Ints) -> Orders:
        """All orders of the history. The position is opening + orders + returns - demand."""
        first_day, total = self._setting.first_day, len(opening)
        counts = (lines.kind == NORMAL) | (lines.kind == RETURN)
        day_starts = np.searchsorted(lines.day, np.arange(first_day, self._setting.until + 2))

        def moved(first: int, last: int) -> Floats:
            rows = slice(day_starts[first - first_day], day_starts[last - first_day])
            chosen = counts[rows]
            units = lines.quantity[rows][chosen].astype(np.float64)
            return np.bincount(lines.series[rows][chosen], units, minlength=total).astype(np.float64)

        position = opening.astype(np.float64)
        number = np.zeros(total, dtype=np.int64)
        blocks, purchase_orders, seen = [_no_orders()], 0, first_day
        for day in review_days(first_day, self._setting.until):
            position -= moved(seen, day)  # returns are negative lines
            seen = day
            window = min(REVIEW_WINDOW_DAYS, day - first_day)
            if window < FIRST_REVIEW_AFTER_DAYS:
                continue
            use = np.maximum(moved(day - window, day), 0) / window
            due, quantity = self._review(day, use, position, number)
            if len(due):
                block = self._place(day, due, quantity, number[due])
                block.purchase_order += purchase_orders
                purchase_orders = int(block.purchase_order.max()) + 1
                kept = block.cancelled == NEVER
                position[due[kept]] += quantity[kept]
                number[due] += 1
                blocks.append(block)
        return Orders(**{f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(Orders)})

    def _review(self, day: int, use: Floats, position: Floats, number: Ints) -> tuple[Ints, Ints]:
        """What to order on a day: series in the order of the purchase orders, and units."""
        items, item = self._items, self._item
        self.minimum, self.maximum = use * REVIEW_MIN_COVER_DAYS, use * REVIEW_MAX_COVER_DAYS
        self.reviewed[:] = local_midnight(day) + 8 * MICROSECONDS_AN_HOUR
        ahead = items.starts[item] - day
        is_launch = (ahead >= LAUNCH_AHEAD_DAYS[0]) & (ahead < LAUNCH_AHEAD_DAYS[1]) & (number == 0)
        short = np.where(position < self.minimum, self.maximum - position, 0.0)
        need = np.where(is_launch, self._expected * LAUNCH_COVER_DAYS, short)
        due = np.flatnonzero(need > 0)
        pack, least = items.pack[item[due]], items.minimum[item[due]]
        quantity = np.maximum(np.ceil(need[due] / pack) * pack, least).astype(np.int64)
        order = np.lexsort((item[due], due % self._setting.locations, items.supplier[item[due]]))
        return due[order], quantity[order]

    def _place(self, day: int, series: Ints, quantity: Ints, number: Ints) -> Orders:
        """Place the orders of one review: one purchase order per supplier and location."""
        setting, items, item, count = self._setting, self._items, self._item[series], len(series)
        dirt, history_day = setting.dirt, day - setting.first_day
        supplier = items.supplier[item]
        fates = self._market.place(day, series, quantity, number)
        requested, ordered, cancelled = fates.requested, fates.ordered, fates.cancelled

        random = keyed(setting.seed, Stream.PURCHASE_DIRT, day)
        is_inverted = random.random(count) < dirt.inverted_date
        back = np.ceil(np.exp(random.uniform(0, np.log(max(dirt.inverted_date_max_days, 1)), count)))
        has_no_date = random.random(count) < dirt.no_required_date
        group = supplier * setting.locations + series % setting.locations
        purchase_order = np.concatenate([[0], np.cumsum(group[1:] != group[:-1])]).astype(np.int64)
        surcharge = 1 + SMALL_ORDER_SURCHARGE / np.sqrt(quantity)
        return Orders(
            series=series,
            supplier=supplier,
            order_number=number,
            purchase_order=purchase_order,
            line_number=ranks(purchase_order),
            quantity=quantity,
            unit_price=np.round(items.cost_by_day[history_day, item] * surcharge, 2),
            requested=requested,
            ordered=np.where(ordered < cancelled, ordered, NEVER),
            recorded_order=np.where(is_inverted, requested - back.astype(np.int64) * MICROSECONDS_A_DAY, ordered),
            promised_day=local_days(ordered) + items.lead_time_by_day[history_day, item],
            required_day=np.where(has_no_date, -1, day + 5 + random.integers(0, 40, count)),
            cancelled=cancelled,
            first_receipt=np.where(fates.is_cancelled, NEVER, fates.first_receipt),
            last_receipt=np.where(fates.is_cancelled, NEVER, fates.last_receipt),
            first_quantity=fates.first_quantity,
        )


def _minutes(days: Floats) -> Ints:
    minutes: Ints = np.ceil(days * 1_440).astype(np.int64) * MICROSECONDS_A_MINUTE
    return minutes


def _office_hours(moment: Ints, uniform: Floats) -> Ints:
    """The next delivery hour (08-17 local) that is not before a moment."""
    day = local_days(moment)
    hour = local_midnight(0) + ((8 + 9 * uniform) * 60).astype(np.int64) * MICROSECONDS_A_MINUTE
    same_day: Ints = day * MICROSECONDS_A_DAY + hour
    return np.where(same_day >= moment, same_day, same_day + MICROSECONDS_A_DAY)


def _no_orders() -> Orders:
    none = np.zeros(0, dtype=np.int64)
    columns: dict[str, Any] = {f.name: none for f in fields(Orders)}
    columns["unit_price"] = np.zeros(0)
    return Orders(**columns)


def _issue(setting: Setting, lines: Lines, orders: Orders, opening: Ints) -> Ints:
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
            np.full(len(stocked), local_midnight(setting.first_day), dtype=np.int64),
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

    supplied = series * ONE_SERIES + running_sum(series, units)
    wanted_series = lines.series[demand_rows]
    wanted = wanted_series * ONE_SERIES + running_sum(wanted_series, lines.quantity[demand_rows])
    found = np.searchsorted(supplied, wanted, side="left")
    inside = np.minimum(found, len(series) - 1)
    covered = (found < len(series)) & (series[inside] == wanted_series)
    moment_out = np.maximum(lines.requested[demand_rows], moment[inside]) + HANDLING
    issued[demand_rows] = np.where(covered, moment_out, NEVER)
    return issued
