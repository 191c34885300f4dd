"""One company's part of the experiment: which days, which rules, and every rule replayed on the same world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simulator.clock import day_number
from simulator.history import History
from simulator.policy.replay import Window, replay
from simulator.policy.rules import CoverRule, OracleRule, ParameterRule
from simulator.policy.score import SCHEMA, Segments, score
from simulator.policy.world import World, world_of_history
from simulator.streams import Floats, Ints

BURN_IN_DAYS = 183
YEAR_DAYS = 365
VALIDATION, SCORED = "validation", "score"
NO_POLICY, ORACLE = "no_policy", "oracle"
COVERS = ((30, 90), (45, 105), (60, 120), (90, 150))  # minimum and maximum days of trailing use
MEMORY_BYTES = 400_000_000  # of the table of arrivals, which decides how many settings are replayed side by side

PARAMETERS = pa.schema(
    [
        ("valid_from_on", pa.date32()),
        ("item_id", pa.string()),
        ("location_id", pa.string()),
        ("policy", pa.string()),
        ("knob", pa.float64()),
        ("reorder_point_units", pa.float64()),
        ("lot_units", pa.float64()),
    ]
)
CLASSES = pa.schema([("item_id", pa.string()), ("location_id", pa.string()), ("abc_class", pa.string())])


@dataclass(frozen=True)
class Calendar:
    """The days of an experiment whose last day is `until`: burn-in, a year to choose knobs on, a year to score."""

    until: date

    @property
    def scored_from(self) -> date:
        """First day of the scored year: nothing later was looked at when knobs were chosen."""
        return self.until - timedelta(days=YEAR_DAYS - 1)

    @property
    def validated_from(self) -> date:
        """First day of the year on which knobs are chosen."""
        return self.until - timedelta(days=2 * YEAR_DAYS - 1)

    @property
    def replayed_from(self) -> date:
        """First replayed day."""
        return self.validated_from - timedelta(days=BURN_IN_DAYS)

    @property
    def windows(self) -> tuple[Window, Window]:
        """The measured years."""
        middle = day_number(self.scored_from)
        return (
            Window(VALIDATION, day_number(self.validated_from), middle - 1),
            Window(SCORED, middle, day_number(self.until)),
        )


def run_company(
    history: History, calendar: Calendar, parameters: pa.Table, classes: pa.Table, *, scenario: str
) -> pa.Table:
    """Replay every policy on a generated company.

    Args:
        history: The company; it must reach from a quarter before `calendar.replayed_from` to `calendar.until`.
        calendar: The days.
        parameters: `PARAMETERS`: reorder points and lots by policy and knob, as known before each `valid_from_on`.
        classes: `CLASSES` at the beginning of the scored year.
        scenario: Name of the company's stress.

    Returns:
        Scores with the columns of `score.SCHEMA`.
    """
    world = world_of_history(history, day_number(calendar.replayed_from), day_number(calendar.until))
    segments = _segments(history, classes)
    labels = {"seed": history.setting.seed, "scenario": scenario}
    rule, settings = parameter_rule(history, parameters)
    tables = []
    for first in range(0, len(settings), at_once := _settings_at_once(world)):
        part = slice(first, first + at_once)
        some = ParameterRule(rule.valid_from, rule.reorder_point[part], rule.lot[part])
        outcome = replay(world, some, calendar.windows)
        tables.append(score(world, outcome, calendar.windows, segments, settings=settings[part], labels=labels))
    covers = [(NO_POLICY, float(least)) for least, _ in COVERS]
    outcome = replay(world, CoverRule(world, COVERS), calendar.windows)
    tables.append(score(world, outcome, calendar.windows, segments, settings=covers, labels=labels))
    outcome = replay(world, OracleRule.of(world, _typical_lot(rule)), calendar.windows)
    tables.append(score(world, outcome, calendar.windows, segments, settings=[(ORACLE, 0.0)], labels=labels))
    return pa.concat_tables(tables).cast(SCHEMA)


def parameter_rule(history: History, parameters: pa.Table) -> tuple[ParameterRule, list[tuple[str, float]]]:
    """Parameters as arrays, and the policy and knob of each setting.

    Raises:
        ValueError: There are no parameters, or they name an item or location that the company does not have.
    """
    table = parameters.cast(PARAMETERS)
    if not table.num_rows:
        raise ValueError("no parameters: build fact_policy_parameters for the replayed months first")
    days = np.unique(table["valid_from_on"].combine_chunks().cast(pa.int32()).to_numpy())
    pairs = sorted(set(zip(table["policy"].to_pylist(), table["knob"].to_pylist(), strict=True)))
    row = np.searchsorted(days, table["valid_from_on"].combine_chunks().cast(pa.int32()).to_numpy())
    names = [policy for policy, _ in pairs]
    setting = np.zeros(table.num_rows, dtype=np.int64)
    for index, (policy, knob) in enumerate(pairs):
        chosen = pc.and_(pc.equal(table["policy"], policy), pc.equal(table["knob"], knob))
        setting[chosen.combine_chunks().to_numpy(zero_copy_only=False)] = index
    series = _series(history, table)
    shape = (len(names), len(days), len(history.items.ids) * history.setting.locations)

    def filled(name: str) -> npt.NDArray[np.float32]:
        array = np.full(shape, np.nan, dtype=np.float32)
        array[setting, row, series] = table[name].to_numpy()
        return array

    return ParameterRule(days.astype(np.int64), filled("reorder_point_units"), filled("lot_units")), pairs


def _series(history: History, table: pa.Table) -> Ints:
    item = pc.index_in(table["item_id"], pa.array(history.items.ids))
    location = pc.index_in(table["location_id"], pa.array(history.network.location_ids))
    for name, column, found in (("item_id", table["item_id"], item), ("location_id", table["location_id"], location)):
        if found.null_count:
            unknown = column.filter(pc.is_null(found))[0].as_py()
            raise ValueError(f"{name} {unknown!r} is not one of this company: the parameters are another's")
    series: Ints = item.to_numpy().astype(np.int64) * history.setting.locations + location.to_numpy()
    return series


def _segments(history: History, classes: pa.Table) -> Segments:
    """Classes by series; what had no demand yet when the scored year began is C."""
    locations = history.setting.locations
    abc = np.full(len(history.items.ids) * locations, "C", dtype=object)
    abc[_series(history, classes)] = classes["abc_class"].to_pylist()
    criticality = [history.items.criticality[i // locations] for i in range(len(abc))]
    return Segments([str(value) for value in abc], criticality)


def _settings_at_once(world: World) -> int:
    return max(1, MEMORY_BYTES // (4 * world.days * world.series))


def _typical_lot(rule: ParameterRule) -> Floats:
    """The lot that the oracle buys beyond its need: the median over months, the same rule as every policy's."""
    lots = rule.lot[0].astype(np.float64)
    known = ~np.isnan(lots).all(axis=0)
    typical = np.zeros(lots.shape[1])
    typical[known] = np.nanmedian(lots[:, known], axis=0)
    return typical


def pool(scores: pa.Table, by: Sequence[str]) -> pa.Table:
    """Sum the measures of a table of scores over everything but some of its columns."""
    measures = [f.name for f in SCHEMA if pa.types.is_integer(f.type) or f.name == "mean_inventory_brl"]
    summed = [name for name in measures if name not in {"seed", *by}]
    pooled = scores.group_by(list(by)).aggregate([(name, "sum") for name in summed])
    return pooled.rename_columns([name.removesuffix("_sum") for name in pooled.column_names])
