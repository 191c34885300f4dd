"""What a company is made of: the setting it is generated from, and everything that was drawn for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.assumptions import Dirt, Size
from simulator.clock import local_midnight

if TYPE_CHECKING:
    from simulator.catalogue import Items, Suppliers
    from simulator.demand import Lines, Visits
    from simulator.network import Network
    from simulator.supply import Supply


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


@dataclass(frozen=True)
class History:
    """Everything drawn for a company. Moments at or after `setting.end` are fixed, but have not happened yet."""

    setting: Setting
    items: Items
    suppliers: Suppliers
    network: Network
    lines: Lines
    visits: Visits
    supply: Supply
