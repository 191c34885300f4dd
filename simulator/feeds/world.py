"""What the feed servers know: the generated weather, economy and licences, up to the last closed day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

from simulator.assumptions import SIZES, Dirt
from simulator.catalogue import Items, Suppliers, build_items, build_suppliers
from simulator.clock import day_number
from simulator.economy import Economy
from simulator.feeds.licences import Licences
from simulator.setting import Setting
from simulator.weather import Weather


class FeedWorld:
    """State shared by the sources. `until` may be moved forward while the servers run.

    Args:
        size: Size of the company; it scales the licensing file.
        seed: The company's seed.
        until: Last closed day: nothing later is served, except decided policy rates.
        dirt: Rates of sensor gaps and revisions.
        first_day: First day of the company's history; by default the size's number of days before `until`.
    """

    inmet_token = "demonstracao"  # noqa: S105 - a loopback server's token is no secret

    suppliers_token = "demonstracao-cotacoes"  # noqa: S105 - the same

    def __init__(self, size: str, seed: int, until: date, dirt: Dirt, *, first_day: date | None = None) -> None:
        self.until = until
        self.seed = seed
        self._size, self._dirt = SIZES[size], dirt
        self._first_day = first_day or until - timedelta(days=self._size.history_days - 1)

    @property
    def catalogue(self) -> tuple[Items, Suppliers, int]:
        """Items with their costs over the days, their suppliers, and the first of those days; drawn anew each time."""
        first_day = day_number(self._first_day)
        setting = Setting(self._size, self.seed, first_day, day_number(self.until), self._dirt)
        suppliers = build_suppliers(setting)
        return build_items(setting, suppliers), suppliers, first_day

    @cached_property
    def weather(self) -> Weather:
        """Weather of all stations."""
        return Weather(self.seed, self._dirt.sensor_gap)

    @cached_property
    def economy(self) -> Economy:
        """Exchange rate, interest and indices."""
        return Economy(self.seed, self._dirt.revised)

    @cached_property
    def licences(self) -> Licences:
        """Licensed mobile stations."""
        return Licences(self.seed, self._size.licensing_scale)
