"""Licensed mobile stations in Bahia: 2G shrinks, 4G is saturated, 5G follows the roll-out that drives demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.assumptions import ROLLOUT_MIDDLE, ROLLOUT_SCALE_DAYS
from simulator.clock import day_number
from simulator.demand import rollout
from simulator.network import MUNICIPALITIES
from simulator.streams import Floats, Stream, keyed

TECHNOLOGIES = ("GSM", "WCDMA", "LTE", "NR")
CARRIERS = ("TIM S A", "TELEFONICA BRASIL S.A.", "CLARO S.A.", "Brisanet Servicos de Telecomunicacoes S.a.")
# Magnitudes of Salvador in April 2025 by carrier, for 2G, 3G, 4G and 5G.
SALVADOR_STATIONS = ((311, 235, 418, 404), (147, 306, 375, 360), (262, 398, 401, 373), (0, 0, 14, 14))
SALVADOR_WEIGHT = 30.0
REFERENCE_DAY = day_number(date(2025, 4, 30))
FIRST_YEARS = ((1999, 2012), (2008, 2018), (2013, 2025))
FIRST_5G_IN_CAPITAL = day_number(date(2022, 7, 6))
FIRST_5G_ELSEWHERE = day_number(date(2023, 1, 9))
SHUTDOWN_FROM = day_number(date(2023, 3, 1))
SHUTDOWN_SHARE = 0.25  # of the 2G stations, over six years
RENEWAL_MEAN_DAYS = 900.0
MAX_RENEWALS = 12


@dataclass(frozen=True)
class Station:
    """One technology of one carrier at one site."""

    number: int
    carrier: int
    municipality: int
    technology: int
    latitude: float
    longitude: float
    licensed: tuple[int, ...]  # day numbers of the first licence and its renewals
    removed: int  # day number from which it is gone


class Licences:
    """All stations that are ever licensed, in a fixed order.

    Args:
        seed: The company's seed.
        scale: Share of the real number of stations.
    """

    def __init__(self, seed: int, scale: float) -> None:
        self._stations: list[Station] = []
        number = 430_000_000
        for index, place in enumerate(MUNICIPALITIES):
            for carrier, reference in enumerate(SALVADOR_STATIONS):
                random = keyed(seed, Stream.LICENSING, index, carrier)
                share = place.tower_weight / SALVADOR_WEIGHT * scale
                counts = [round(count * share + 0.35) if count else 0 for count in reference]
                counts[3] = round(counts[3] / rollout(REFERENCE_DAY)) if counts[3] else 0
                sites = max(counts)
                spread = random.normal(0, 0.035, (sites, 2))
                for technology, count in enumerate(counts):
                    first = _first_licences(technology, count, index == 0, random)
                    gaps = random.exponential(RENEWAL_MEAN_DAYS, (count, MAX_RENEWALS)) + 30
                    fate = random.random(count)
                    for row in range(count):
                        days = first[row] + np.concatenate([[0.0], np.cumsum(gaps[row])])
                        gone = SHUTDOWN_FROM + int(2_190 * fate[row] / SHUTDOWN_SHARE)
                        self._stations.append(
                            Station(
                                number=number + row,
                                carrier=carrier,
                                municipality=index,
                                technology=technology,
                                latitude=round(place.latitude + float(spread[row, 0]), 6),
                                longitude=round(place.longitude + float(spread[row, 1]), 6),
                                licensed=tuple(_weekday(int(day)) for day in days),
                                removed=gone if technology == 0 and fate[row] < SHUTDOWN_SHARE else 10**9,
                            )
                        )
                number += sites + 7

    def at(self, until: date) -> list[tuple[Station, int]]:
        """The stations in the file of a day, each with the day number of its latest licence."""
        day = day_number(until)
        present = [s for s in self._stations if s.licensed[0] <= day < s.removed]
        return [(s, max(d for d in s.licensed if d <= day)) for s in present]


def _first_licences(technology: int, count: int, is_capital: bool, random: np.random.Generator) -> Floats:
    """First licence of each station of a technology, as day numbers."""
    uniform = random.random(count)
    if technology < len(FIRST_YEARS):
        first, last = (day_number(date(year, 1, 1)) for year in FIRST_YEARS[technology])
        return np.sort(first + uniform * (last - first))
    middle = int(np.datetime64(ROLLOUT_MIDDLE, "D").astype(np.int64))
    share = (np.arange(count) + uniform) / max(count, 1)
    days = middle + ROLLOUT_SCALE_DAYS * np.log(share / (1 - share))
    start = FIRST_5G_IN_CAPITAL if is_capital else FIRST_5G_ELSEWHERE
    # What the roll-out would have placed before the first licence follows in the first year.
    late: Floats = np.where(days < start, start + 360 * uniform, days)
    return late


def _weekday(day: int) -> int:
    """Move a weekend to the next Monday (day 0 of 1970 was a Thursday)."""
    weekday = (day + 3) % 7
    return day if weekday < 5 else day + 7 - weekday
