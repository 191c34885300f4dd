"""The setting that a company is generated from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from simulator.assumptions import Dirt, Size
from simulator.clock import local_midnight


@dataclass(frozen=True)
class Stress:
    """How a company differs from the demonstration company, to see what a policy is worth elsewhere.

    Attributes:
        demand: Factor of the lines that are asked for.
        lead_time_variance: Factor of the variance of the suppliers' lead times.
        currency_fall: By how much a dollar gets dearer within `economy.SHOCK_DAYS` days, as a share.
        currency_falls_on: First of those days.
    """

    demand: float = 1.0
    lead_time_variance: float = 1.0
    currency_fall: float = 0.0
    currency_falls_on: date | None = None


@dataclass(frozen=True)
class Setting:
    """The arguments of the generator. Days are day numbers, both included."""

    size: Size
    seed: int
    first_day: int
    until: int
    dirt: Dirt
    stress: Stress = Stress()

    @property
    def end(self) -> int:
        """The first moment (UTC microseconds) that is no longer part of the history."""
        return local_midnight(self.until + 1)

    @property
    def locations(self) -> int:
        """Stocking locations: series = item x locations + location."""
        return self.size.locations
