"""What replays are judged by: stocked-out lines, backorders, stock and orders, by policy, class of item and window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simulator.clock import day_of
from simulator.policy.replay import Outcome, Window
from simulator.policy.world import World
from simulator.streams import Ints

SCHEMA = pa.schema(
    [
        ("seed", pa.int64()),
        ("scenario", pa.string()),
        ("policy", pa.string()),
        ("knob", pa.float64()),
        ("window_name", pa.string()),
        ("first_day_on", pa.date32()),
        ("last_day_on", pa.date32()),
        ("abc_class", pa.string()),
        ("criticality", pa.string()),
        ("series_count", pa.int64()),
        ("demand_lines_count", pa.int64()),
        ("stocked_out_lines_count", pa.int64()),
        ("demand_units", pa.int64()),
        ("backorder_days", pa.int64()),
        ("backorder_unit_days", pa.int64()),
        ("mean_inventory_brl", pa.float64()),
        ("orders_count", pa.int64()),
        ("ordered_units", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Segments:
    """Classes of the series: by series, the ABC class at the beginning of the window and the criticality."""

    abc_class: Sequence[str]
    criticality: Sequence[str]

    def number(self) -> tuple[Ints, list[tuple[str, str]]]:
        """The segment of each series as a number, and the segments by number."""
        pairs = list(zip(self.abc_class, self.criticality, strict=True))
        names = sorted(set(pairs))
        place = {pair: index for index, pair in enumerate(names)}
        return np.array([place[pair] for pair in pairs], dtype=np.int64), names


def score(
    world: World,
    outcome: Outcome,
    windows: Sequence[Window],
    segments: Segments,
    *,
    settings: Sequence[tuple[str, float]],
    labels: Mapping[str, object],
) -> pa.Table:
    """Sum an outcome up by segment.

    Args:
        world: What was replayed.
        outcome: What the rule did.
        windows: Those of the replay, in its order.
        segments: Classes of the series.
        settings: Policy and knob of each setting of the rule.
        labels: `seed` and `scenario` of the company.

    Returns:
        One row per setting, window and segment, with the columns of `SCHEMA`. Inventory is the sum over series of the
        mean evening value; every other measure is a count or a sum of units over the window.
    """
    segment, names = segments.number()
    count = len(names)

    def by_segment(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        sums = np.bincount(segment, values.astype(np.float64), minlength=count)
        return sums if np.issubdtype(values.dtype, np.floating) else np.rint(sums).astype(np.int64)

    rows: list[dict[str, object]] = []
    series_count = np.bincount(segment, minlength=count)
    for w, window in enumerate(windows):
        inside = (world.lines.day >= window.first_day) & (world.lines.day <= window.last_day)
        line_segment = segment[world.lines.series[inside]]
        lines = np.bincount(line_segment, minlength=count)
        units = np.bincount(line_segment, world.lines.units[inside], minlength=count).astype(np.int64)
        for s, (policy, knob) in enumerate(settings):
            stocked_out = np.bincount(line_segment[outcome.is_stocked_out[s, inside]], minlength=count)
            measures = {
                "series_count": series_count,
                "demand_lines_count": lines,
                "stocked_out_lines_count": stocked_out,
                "demand_units": units,
                "backorder_days": by_segment(outcome.backorder_days[s, w]),
                "backorder_unit_days": by_segment(outcome.backorder_unit_days[s, w]),
                "mean_inventory_brl": by_segment(outcome.inventory_brl[s, w]),
                "orders_count": by_segment(outcome.orders[s, w]),
                "ordered_units": by_segment(outcome.ordered_units[s, w]),
            }
            for index, (abc_class, criticality) in enumerate(names):
                rows.append(
                    {
                        **labels,
                        "policy": policy,
                        "knob": knob,
                        "window_name": window.name,
                        "first_day_on": day_of(window.first_day),
                        "last_day_on": day_of(window.last_day),
                        "abc_class": abc_class,
                        "criticality": criticality,
                        **{name: values[index].item() for name, values in measures.items()},
                    }
                )
    return pa.Table.from_pylist(rows, schema=SCHEMA)
