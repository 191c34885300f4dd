"""Keyed random streams: each (seed, stream, key…) has its own generator.

A longer history must never change a shorter one: draw in whole blocks (a day, a month, a year) and never continue one
stream over the length of the history.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Stream(IntEnum):
    """What a stream is for. The numbers are part of the company: never reuse one."""

    CATALOGUE = 1
    SUPPLIERS = 2
    NETWORK = 3
    CATALOGUE_CHANGES = 4
    NETWORK_CHANGES = 5
    VANISHING = 6
    DEMAND_BURST = 10
    DEMAND_LINES = 11
    DEMAND_DIRT = 12
    WORK_ORDERS = 13
    LATE_ENTRY = 14
    OPENING_STOCK = 20
    LEAD_TIMES = 21
    PURCHASE_DIRT = 22
    WEATHER_REGION = 30
    WEATHER_STATION = 31
    WEATHER_HOURS = 32
    ECONOMY_CURRENCY = 40
    ECONOMY_MONTHS = 41
    ECONOMY_RATE = 42
    ECONOMY_REVISIONS = 43
    LICENSING = 50
    ACCESSES = 51
    UPLOADS = 55
    QUOTES = 56
    TRUTH = 60


def keyed(seed: int, stream: Stream, *keys: int) -> np.random.Generator:
    """The generator of one block of one stream."""
    return np.random.default_rng([seed, int(stream), *keys])
