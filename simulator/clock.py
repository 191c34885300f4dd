"""Days of Bahia and moments in UTC, as integers that numpy can work on."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from simulator.streams import Ints

MICROSECONDS_A_DAY = 86_400_000_000
MICROSECONDS_AN_HOUR = 3_600_000_000
MICROSECONDS_A_MINUTE = 60_000_000
# America/Bahia has had no daylight saving time since 2012: UTC-3 throughout the history.
UTC_OFFSET_HOURS = 3
EPOCH = date(1970, 1, 1)
NEVER = int(np.iinfo(np.int64).max // 4)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


def local_midnight(day: int) -> int:
    """UTC microseconds at which a day of Bahia begins."""
    return day * MICROSECONDS_A_DAY + UTC_OFFSET_HOURS * MICROSECONDS_AN_HOUR


def local_days(moments: Ints) -> Ints:
    """Days of Bahia of UTC microseconds."""
    return (moments - UTC_OFFSET_HOURS * MICROSECONDS_AN_HOUR) // MICROSECONDS_A_DAY


def month_number(day: date) -> int:
    """Months since year 0: a key for monthly draws."""
    return day.year * 12 + day.month - 1


def first_of_month(month: int) -> date:
    """The first day of a month number."""
    return date(month // 12, month % 12 + 1, 1)
