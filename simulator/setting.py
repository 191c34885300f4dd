"""The setting that a company is generated from."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.assumptions import Dirt, Size
from simulator.clock import local_midnight


@dataclass(frozen=True)
class Setting:
    """The arguments of the generator. Days are day numbers, both included."""

    size: Size
    seed: int
    first_day: int
    until: int
    dirt: Dirt

    @property
    def end(self) -> int:
        """The first moment (UTC microseconds) that is no longer part of the history."""
        return local_midnight(self.until + 1)

    @property
    def locations(self) -> int:
        """Stocking locations: series = item x locations + location."""
        return self.size.locations
