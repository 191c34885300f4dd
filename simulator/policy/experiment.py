"""One company's part of the experiment: which days, which rules, and every rule replayed on the same world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from simulator.policy.series import SeriesIndex
from simulator.policy.world import World, world_of_history
from simulator.streams import Floats

BURN_IN_DAYS = 183
YEAR_DAYS = 365
VALIDATION, SCORED = "validation", "score"
NO_POLICY, ORACLE = "no_policy", "oracle"
LEAST_CRITICAL = "desirable"
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
    """Replay every policy, and the oracle, on a generated company.

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
    index = SeriesIndex.of_history(history)
    criticality = dict(zip(history.items.ids, history.items.criticality, strict=True))
    segments = segments_of(index, classes, criticality)
    labels = {"seed": history.setting.seed, "scenario": scenario}
    scores = run_world(world, index, calendar, parameters, segments, labels=labels)
    rule, _ = parameter_rule(index, parameters)
    outcome = replay(world, OracleRule.of(world, _typical_lot(rule)), calendar.windows)
    oracle = score(world, outcome, calendar.windows, segments, settings=[(ORACLE, 0.0)], labels=labels)
    return pa.concat_tables([scores, oracle]).cast(SCHEMA)


def run_world(
    world: World,
    index: SeriesIndex,
    calendar: Calendar,
    parameters: pa.Table,
    segments: Segments,
    *,
    labels: Mapping[str, object],
) -> pa.Table:
    """Replay every policy that can be followed, and the buyer without one, on any world.

    Args:
        world: The days of the calendar.
        index: Its series.
        calendar: The days.
        parameters: See `run_company`.
        segments: Classes of the series.
        labels: `seed` and `scenario` of the scores.

    Returns:
        Scores with the columns of `score.SCHEMA`.
    """
    rule, settings = parameter_rule(index, parameters)
    tables = []
    for first in range(0, len(settings), at_once := _settings_at_once(world)):
        part = slice(first, first + at_once)
        some = ParameterRule(rule.valid_from, rule.reorder_point[part], rule.lot[part])
        outcome = replay(world, some, calendar.windows)
        tables.append(score(world, outcome, calendar.windows, segments, settings=settings[part], labels=labels))
    covers = [(NO_POLICY, float(least)) for least, _ in COVERS]
    outcome = replay(world, CoverRule(world, COVERS), calendar.windows)
    tables.append(score(world, outcome, calendar.windows, segments, settings=covers, labels=labels))
    return pa.concat_tables(tables).cast(SCHEMA)


def parameter_rule(index: SeriesIndex, parameters: pa.Table) -> tuple[ParameterRule, list[tuple[str, float]]]:
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
    setting = np.zeros(table.num_rows, dtype=np.int64)
    for number, (policy, knob) in enumerate(pairs):
        chosen = pc.and_(pc.equal(table["policy"], policy), pc.equal(table["knob"], knob))
        setting[chosen.combine_chunks().to_numpy(zero_copy_only=False)] = number
    series = index.numbers(table)
    shape = (len(pairs), len(days), index.count)

    def filled(name: str) -> npt.NDArray[np.float32]:
        array = np.full(shape, np.nan, dtype=np.float32)
        array[setting, row, series] = table[name].to_numpy()
        return array

    return ParameterRule(days.astype(np.int64), filled("reorder_point_units"), filled("lot_units")), pairs


def segments_of(index: SeriesIndex, classes: pa.Table, criticality: Mapping[str, str]) -> Segments:
    """Classes by series; what had no demand yet when the scored year began is C.

    Args:
        index: The series.
        classes: `CLASSES`.
        criticality: By item; an item that is not there is desirable.
    """
    abc = np.full(index.count, "C", dtype=object)
    abc[index.numbers(classes)] = classes["abc_class"].to_pylist()
    by_item = [criticality.get(item, LEAST_CRITICAL) for item in index.item_ids for _ in index.location_ids]
    return Segments([str(value) for value in abc], by_item)


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
