"""What the feed servers know: the generated weather, economy and licences, up to the last closed day."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from simulator.assumptions import SIZES, Dirt
from simulator.economy import Economy
from simulator.feeds.licences import Licences
from simulator.weather import Weather


class FeedWorld:
    """State shared by the sources. `until` may be moved forward while the servers run.

    Args:
        size: Size of the company; it scales the licensing file.
        seed: The company's seed.
        until: Last closed day: nothing later is served, except decided policy rates.
        dirt: Rates of sensor gaps and revisions.
    """

    inmet_token = "demonstracao"  # noqa: S105 - a loopback server's token is no secret

    def __init__(self, size: str, seed: int, until: date, dirt: Dirt) -> None:
        self.until = until
        self.seed = seed
        self._size, self._dirt = SIZES[size], dirt

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
