"""The economy: exchange rate, interest and price indices, with publication dates and revisions.

The exchange rate slows imports; the same rate is what the central bank's servers quote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from simulator.brazil_calendar import is_business_day
from simulator.clock import day_number, day_of, first_of_month, month_number
from simulator.setting import Stress
from simulator.streams import Floats, Stream, keyed

FIRST_YEAR = 2014
CURRENCY_START_BRL = 2.60
CURRENCY_LEVEL_BRL = 5.30  # towards which the rate drifts
CURRENCY_DRIFT_YEARS = 7
CURRENCY_DAILY_SD = 0.0085
CURRENCY_PULL = 0.004
BID_ASK_BRL = 0.0006
MEETING_DAYS = 45  # between two decisions on the policy rate
RATE_START_PCT = 11.00
SHOCK_DAYS = 60  # within which a fall of the currency happens


@dataclass(frozen=True)
class MonthlySeries:
    """A monthly series: level, noise, publication lag and whether it is revised."""

    code: int
    mean: float
    sd: float
    yearly_drift: float
    published_after_days: int  # after the end of the month
    decimals: int
    revision_sd: float


MONTHLY_SERIES: dict[int, MonthlySeries] = {
    433: MonthlySeries(433, 0.42, 0.28, 0.0, 10, 2, 0.01),
    189: MonthlySeries(189, 0.45, 0.75, 0.0, -1, 2, 0.01),
    24369: MonthlySeries(24369, 8.6, 0.35, -0.35, 30, 1, 0.1),
    4380: MonthlySeries(4380, 780_000.0, 14_000.0, 58_000.0, 45, 1, 2_400.0),
}


class Economy:
    """Quotations and indices as they were known at the end of a day."""

    def __init__(self, seed: int, revised: float = 0.0, stress: Stress | None = None) -> None:
        self._seed = seed
        self._revised = revised
        self._stress = stress or Stress()

    def usd_brl(self, day: date) -> float:
        """BRL per USD, selling rate at the close of the last business day up to `day` (4 decimals)."""
        while not is_business_day(day):
            day -= timedelta(days=1)
        offset = (day - date(day.year, 1, 1)).days
        return round(float(np.exp(_currency_year(self._seed, day.year)[offset])) * self._shock(day), 4)

    def _shock(self, day: date) -> float:
        start = self._stress.currency_falls_on
        if start is None:
            return 1.0
        return 1 + self._stress.currency_fall * min(max((day - start).days / SHOCK_DAYS, 0.0), 1.0)

    def import_delay_factor(self, day: date, effect: float) -> float:
        """How much longer imports take after BRL fell over the last 90 days (1 = no longer)."""
        return 1.0 + effect * max(0.0, self.usd_brl(day) / self.usd_brl(day - timedelta(days=90)) - 1.0)

    def policy_rate_pct(self, day: date) -> float:
        """The policy rate in percent a year on a day, weekends included."""
        return self._rates()[self._meeting(day)]

    def _meeting(self, day: date) -> int:
        return (day - date(FIRST_YEAR, 1, 1)).days // MEETING_DAYS

    def rate_known_until(self, day: date) -> date:
        """The last day for which the policy rate is already decided: the eve of the next meeting."""
        return date(FIRST_YEAR, 1, 1) + timedelta(days=(self._meeting(day) + 1) * MEETING_DAYS - 1)

    def _rates(self) -> tuple[float, ...]:
        return _policy_rates(self._seed)

    def daily_rate_pct(self, day: date) -> float:
        """The overnight rate in percent a day (6 decimals)."""
        yearly = 1 + (self.policy_rate_pct(day) - 0.10) / 100
        return round((float(yearly ** (1 / 252)) - 1) * 100, 6)

    def monthly_values(self, code: int, until: date) -> list[tuple[date, float]]:
        """The months of a series that are published by `until`, each with the value then in force."""
        series = MONTHLY_SERIES[code]
        values = []
        for month in range(month_number(date(FIRST_YEAR + 1, 1, 1)), month_number(until) + 1):
            published = first_of_month(month + 1) + timedelta(days=series.published_after_days)
            if published > until:
                break
            random = keyed(self._seed, Stream.ECONOMY_MONTHS, code, month)
            years = (month - month_number(date(2015, 1, 1))) / 12
            value = series.mean + series.yearly_drift * years + random.normal(0, series.sd)
            revision = keyed(self._seed, Stream.ECONOMY_REVISIONS, code, month)
            is_revised, delay = revision.random() < self._revised, int(revision.integers(20, 420))
            change = series.revision_sd * (1 + abs(revision.normal())) * revision.choice([-1.0, 1.0])
            if is_revised and published + timedelta(days=delay) <= until:
                value += change
            values.append((first_of_month(month), round(float(value), series.decimals)))
        return values


@cache
def _currency_year(seed: int, year: int) -> Floats:
    """Logarithm of the rate on each day of a year: a walk on business days that is pulled towards a level."""
    level = float(_currency_year(seed, year - 1)[-1]) if year > FIRST_YEAR else float(np.log(CURRENCY_START_BRL))
    noise = keyed(seed, Stream.ECONOMY_CURRENCY, year).normal(0, CURRENCY_DAILY_SD, 366)
    progress = min(1.0, (year - FIRST_YEAR + 1) / CURRENCY_DRIFT_YEARS)
    target = np.log(CURRENCY_START_BRL + (CURRENCY_LEVEL_BRL - CURRENCY_START_BRL) * progress)
    path = np.empty((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    for index in range(len(path)):
        if is_business_day(date(year, 1, 1) + timedelta(days=index)):
            level += CURRENCY_PULL * (target - level) + noise[index]
        path[index] = level
    return path


@cache
def _policy_rates(seed: int) -> tuple[float, ...]:
    """One rate per meeting up to the year 2100, in steps of a quarter of a point."""
    rates, rate = [], RATE_START_PCT
    for meeting in range((2100 - FIRST_YEAR) * 366 // MEETING_DAYS):
        random = keyed(seed, Stream.ECONOMY_RATE, meeting)
        step = random.choice([-0.75, -0.5, -0.25, 0.0, 0.0, 0.25, 0.5, 0.75]) + 0.10 * (11.5 - rate) / 2
        rate = float(np.clip(np.rint((rate + step) * 4) / 4, 2.0, 15.0))
        rates.append(rate)
    return tuple(rates)


def business_days(first: date, last: date) -> list[date]:
    """Bank business days of a closed interval."""
    return [d for d in map(day_of, range(day_number(first), day_number(last) + 1)) if is_business_day(d)]
