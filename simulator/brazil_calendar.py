"""Business days and Carnaval in Brazil, computed from Easter."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

FIXED_HOLIDAYS = ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (12, 25))


@cache
def easter(year: int) -> date:
    """Easter Sunday (Meeus/Jones/Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@cache
def carnival(year: int) -> frozenset[date]:
    """Saturday to Ash Wednesday."""
    return frozenset(easter(year) - timedelta(days=days) for days in range(46, 51))


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """Days without quotations: national holidays, Carnaval's Monday and Tuesday, Corpus Christi."""
    sunday = easter(year)
    movable = {sunday - timedelta(days=days) for days in (48, 47, 2)} | {sunday + timedelta(days=60)}
    fixed = {date(year, month, day) for month, day in FIXED_HOLIDAYS}
    if year >= 2024:
        fixed.add(date(year, 11, 20))
    return frozenset(movable | fixed)


def is_business_day(day: date) -> bool:
    """Whether banks open."""
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def is_carnival(day: date) -> bool:
    """Whether the field teams rest for Carnaval."""
    return day in carnival(day.year)
