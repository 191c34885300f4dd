"""What a company is made of: everything that was drawn for it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.catalogue import Items, Suppliers
from simulator.demand import Lines, Visits
from simulator.network import Network
from simulator.setting import Setting
from simulator.supply import Supply


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
