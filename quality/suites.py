"""Suites as data: what `quality/suites/*.yml` says is expected of each table, checked when it is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from extractors.catalog import TABLES

Stage = Literal["arrives", "leaves"]
Severity = Literal["blocking", "warning"]
Dimension = Literal["completeness", "validity", "uniqueness", "timeliness", "consistency"]

SUITES = Path(__file__).parent / "suites"
# A broken blocking expectation weighs as much in the score as three broken warnings.
WEIGHTS: dict[Severity, int] = {"blocking": 3, "warning": 1}
ROWS, COLUMNS, VOLUME = "rows", "columns", "volume"
EVERY_TABLE = "*"
_DEFAULT_DIMENSIONS: dict[str, Dimension] = {
    "expect_column_values_to_not_be_null": "completeness",
    "expect_column_values_to_be_unique": "uniqueness",
    "expect_compound_columns_to_be_unique": "uniqueness",
    "expect_column_values_to_be_between": "validity",
    "expect_column_values_to_be_in_set": "validity",
    "expect_column_values_to_match_regex": "validity",
    "expect_column_pair_values_a_to_be_greater_than_b": "consistency",
    "expect_table_columns_to_match_set": "consistency",
}
_WORDS = {"claim", "cause", "severity", "dimension", "frame", "rows_where"}


class SuiteError(ValueError):
    """A suite's file says something that cannot be meant; the message names the file and the place."""


@dataclass(frozen=True)
class Expectation:
    """One claim about one frame of a table.

    Attributes:
        kind: Great Expectations' name of it.
        arguments: What Great Expectations is given.
        frame: Name of the frame that is judged.
        claim: The claim in Portuguese, for managers.
        cause: The likely cause of a failure, in Portuguese.
        rows_where: SQL condition on the table for the rows to show when it fails, where its frame holds aggregates.
    """

    kind: str
    arguments: dict[str, Any]
    frame: str
    claim: str
    cause: str
    severity: Severity
    dimension: Dimension
    rows_where: str | None = None

    @property
    def weight(self) -> int:
        """Its part in the score."""
        return WEIGHTS[self.severity]

    @property
    def columns(self) -> list[str]:
        """The columns that it looks at."""
        named = [self.arguments[name] for name in ("column", "column_A", "column_B") if name in self.arguments]
        return [*named, *self.arguments.get("column_list", [])]


@dataclass(frozen=True)
class Suite:
    """All that is expected of one table at one end of the platform.

    Attributes:
        subject: Name of the file, such as `items`.
        title: Its name in Portuguese.
        stage: `arrives` for a bronze table, `leaves` for a mart of the candidate.
        table: `source/table` of bronze, or the mart.
        key: Columns that name a row in samples of failures.
        frames: Name to the SQL that gives the rows to judge, bounded by day or to one row where a table is large.
        expectations: The claims.
    """

    subject: str
    title: str
    stage: Stage
    table: str
    key: tuple[str, ...]
    frames: dict[str, str]
    expectations: tuple[Expectation, ...] = field(repr=False)

    @property
    def relation(self) -> str:
        """The table's name in SQL."""
        return f"bronze.{self.table.replace('/', '_')}" if self.stage == "arrives" else f"candidate.{self.table}"


@cache
def load_suites(folder: Path = SUITES) -> tuple[Suite, ...]:
    """Every suite, in the order of files; each file's `arrives` before its `leaves`.

    Raises:
        SuiteError: A file cannot be meant as it is.
    """
    suites: list[Suite] = []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        suites += [_suite(path, content, stage) for stage in get_args(Stage) if stage in content]
    common = [suite for suite in suites if suite.table == EVERY_TABLE]
    own = [suite for suite in suites if suite.table != EVERY_TABLE]
    return tuple(own if not common else _with_common(own, common[0]))


def _with_common(suites: list[Suite], common: Suite) -> list[Suite]:
    """Give every bronze table what is expected of all; one that has no suite gets a suite of that alone."""
    extended = [
        replace(suite, expectations=suite.expectations + common.expectations) if suite.stage == "arrives" else suite
        for suite in suites
    ]
    covered = {suite.table for suite in suites}
    return extended + [
        replace(common, subject=table.name.replace("/", "_"), title=table.name, table=table.name)
        for table in TABLES
        if table.name not in covered
    ]


def _suite(path: Path, content: dict[str, Any], stage: Stage) -> Suite:
    part = content[stage]
    where = f"{path.name}, {stage}"
    unknown = set(part) - {"table", "key", "frames", "expect"}
    if unknown:
        raise SuiteError(f"{where}: unknown words {sorted(unknown)}")
    frames = dict(part.get("frames", {}))
    built_in = {ROWS, COLUMNS, VOLUME}
    expectations = tuple(_expectation(entry, where) for entry in part["expect"])
    missing = {expectation.frame for expectation in expectations} - built_in - set(frames)
    if missing:
        raise SuiteError(f"{where}: expectations on frames that are not there: {sorted(missing)}")
    return Suite(
        subject=path.stem,
        title=content["title"],
        stage=stage,
        table=part["table"],
        key=tuple(part.get("key", ())),
        frames=frames,
        expectations=expectations,
    )


def _expectation(entry: dict[str, Any], where: str) -> Expectation:
    kinds = [name for name in entry if name not in _WORDS]
    if len(kinds) != 1 or kinds[0] not in _DEFAULT_DIMENSIONS:
        raise SuiteError(f"{where}: one known expectation is wanted, seen {kinds or entry}")
    kind = kinds[0]
    frame = entry.get("frame", ROWS)
    default = "completeness" if frame == VOLUME else _DEFAULT_DIMENSIONS[kind]
    dimension, severity = entry.get("dimension", default), entry.get("severity", "blocking")
    if dimension not in get_args(Dimension) or severity not in get_args(Severity):
        raise SuiteError(f"{where}: {kind}: {dimension!r} or {severity!r} is not known")
    if not entry.get("claim") or not entry.get("cause"):
        raise SuiteError(f"{where}: {kind} {entry[kind]}: a claim and a likely cause are wanted")
    return Expectation(
        kind=kind,
        arguments=entry[kind],
        frame=frame,
        claim=entry["claim"],
        cause=entry["cause"],
        severity=severity,
        dimension=dimension,
        rows_where=entry.get("rows_where"),
    )
