"""Arithmetic within groups of equal neighbours."""

from __future__ import annotations

import numpy as np

from simulator.streams import Ints


def ranks(group: Ints) -> Ints:
    """1, 2, 3… within equal neighbours."""
    first, sizes = _runs(group)
    numbers: Ints = np.arange(len(group)) - np.repeat(first, sizes) + 1
    return numbers


def running_sum(group: Ints, values: Ints) -> Ints:
    """Cumulative sums that start again with each group of equal neighbours."""
    sums = np.cumsum(values)
    first, sizes = _runs(group)
    before = np.concatenate([[0], sums])[first]
    restarted: Ints = sums - np.repeat(before, sizes)
    return restarted


def _runs(group: Ints) -> tuple[Ints, Ints]:
    """Where each run of equal neighbours begins, and how long it is."""
    if not len(group):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
    return first, np.diff(np.concatenate([first, [len(group)]]))
