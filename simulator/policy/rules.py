"""When and how much to order. A rule looks at the position in the morning and says how many units it wants.

Several settings of a rule are replayed side by side: the first axis of positions and wants is the setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.assumptions import REVIEW_WINDOW_DAYS
from simulator.clock import day_of, local_days
from simulator.policy.world import USAGE_DAYS, World
from simulator.streams import Floats, Ints


class Rule(Protocol):
    """A way of ordering."""

    @property
    def settings(self) -> int:
        """How many settings are replayed side by side."""

    def wanted(self, day: int, position: Ints, number: Ints) -> Floats:
        """Units wanted, before packs and minimum orders, settings x series; 0 or less where nothing is.

        Args:
            day: The day in whose morning the position is looked at.
            position: On hand less backorders plus on order, settings x series.
            number: Orders that each series has had so far, settings x series.
        """


@dataclass(frozen=True)
class CoverRule:
    """No policy: on the first of the month, what falls below days of trailing use is filled up to more days of it.

    Attributes:
        world: Where it buys.
        limits: (minimum, maximum) days of trailing use of each setting.
    """

    world: World
    limits: tuple[tuple[int, int], ...]

    @property
    def settings(self) -> int:
        """How many settings are replayed side by side."""
        return len(self.limits)

    def wanted(self, day: int, position: Ints, number: Ints) -> Floats:
        """See `Rule`."""
        del number
        if day_of(day).day != 1:
            return np.zeros(position.shape)
        end = day - self.world.first_day + USAGE_DAYS
        use = np.maximum(self.world.usage[end - REVIEW_WINDOW_DAYS : end].sum(axis=0), 0) / REVIEW_WINDOW_DAYS
        least, most = (np.array(days, dtype=float)[:, None] * use for days in zip(*self.limits, strict=True))
        return np.where(position < least, most - position, 0.0)


@dataclass(frozen=True)
class ParameterRule:
    """Reorder point and lot by month: at or below the reorder point, order up to the point plus one lot.

    Attributes:
        valid_from: Day from whose morning each row counts, ascending; before the first nothing is ordered.
        reorder_point: Units, settings x rows x series; NaN where nothing may be ordered.
        lot: Units, settings x rows x series.
    """

    valid_from: Ints
    reorder_point: npt.NDArray[np.float32]
    lot: npt.NDArray[np.float32]

    @property
    def settings(self) -> int:
        """How many settings are replayed side by side."""
        return len(self.reorder_point)

    def wanted(self, day: int, position: Ints, number: Ints) -> Floats:
        """See `Rule`."""
        del number
        row = int(np.searchsorted(self.valid_from, day, side="right")) - 1
        if row < 0:
            return np.zeros(position.shape)
        point = self.reorder_point[:, row].astype(np.float64)
        return np.where(position <= point, point + self.lot[:, row] - position, 0.0)


@dataclass(frozen=True)
class OracleRule:
    """Knows all demand and every lead time: orders on the last day on which the order still comes in time.

    Beyond the last day it expects the mean of the last year, so that it does not stop buying at the end.

    Attributes:
        world: Where it buys.
        lot: Units by series that it buys beyond what is needed until the next order could come.
    """

    world: World
    lot: Floats
    _wanted_until: npt.NDArray[np.float64]

    @classmethod
    def of(cls, world: World, lot: Floats) -> OracleRule:
        """Prepare the running sums of what will be asked for."""
        asked = np.zeros((world.days + 1, world.series))
        np.add.at(asked, (world.lines.day - world.first_day + 1, world.lines.series), world.lines.units)
        np.subtract.at(asked, (world.returned.day - world.first_day + 1, world.returned.series), world.returned.units)
        return cls(world, lot, np.cumsum(asked, axis=0))

    @property
    def settings(self) -> int:
        """How many settings are replayed side by side."""
        return 1

    def wanted(self, day: int, position: Ints, number: Ints) -> Floats:
        """See `Rule`."""
        now = self._arrival(day, number[0])
        need = self._asked(day, now)
        # the next order of the series may take much longer: then this one has to last until that one comes
        until = np.maximum(now, self._arrival(day + 1, number[0] + 1))
        return np.where(position < need, self._asked(day, until) + self.lot - position, 0.0)

    def _arrival(self, day: int, number: Ints) -> Ints:
        """Day by which an order that is placed a day later is surely there; a cancelled one is placed again."""
        series, one = np.arange(self.world.series), np.ones(self.world.series, dtype=np.int64)
        fates = self.world.suppliers.place(day, series, one, number)
        again = self.world.suppliers.place(day + 1, series, one, number + 1)
        arrival: Ints = local_days(np.where(fates.is_cancelled, again.first_receipt, fates.first_receipt)) + 3
        return arrival

    def _asked(self, day: int, end: Ints) -> Floats:
        """Units asked for from the morning of a day to the evening before another, by series."""
        first, last = day - self.world.first_day, self.world.days
        year = min(365, last)
        mean = np.maximum(self._wanted_until[last] - self._wanted_until[last - year], 0) / year
        ends = end - self.world.first_day
        inside = np.minimum(ends, last)
        asked: Floats = self._wanted_until[inside, np.arange(self.world.series)] - self._wanted_until[first]
        beyond: Floats = mean * (ends - inside)
        return asked + beyond
