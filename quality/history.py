"""What earlier audits found: the usual size of each table, the trend of the score, and both as tables of gold.

The history lies beside bronze and gold (`quality/history.json` of the lake) and also holds audits that stopped a
publication. The published tables are written into the candidate after it was judged, so a version of gold carries the
verdict on itself.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from publication.store import GoldStore
from quality.outcomes import Outcome

FILE = "history.json"
KEPT_AUDITS = 200
_USUAL_OF = 14
SCORES, EXPECTATIONS = "quality_scores", "quality_expectations"

SCORES_SCHEMA = pa.schema(
    [
        ("audited_at", pa.timestamp("us", tz="UTC")),
        ("is_gate_passed", pa.bool_()),
        ("table_name", pa.string()),
        ("dimension", pa.string()),
        ("passed_weight", pa.int64()),
        ("judged_weight", pa.int64()),
    ]
)
EXPECTATIONS_SCHEMA = pa.schema(
    [
        ("audited_at", pa.timestamp("us", tz="UTC")),
        ("stage", pa.string()),
        ("table_name", pa.string()),
        ("table_title", pa.string()),
        ("rule", pa.string()),
        ("claim_text", pa.string()),
        ("dimension", pa.string()),
        ("severity", pa.string()),
        ("status", pa.string()),
        ("observed_text", pa.string()),
        ("unexpected_count", pa.int64()),
        ("element_count", pa.int64()),
        ("cause_text", pa.string()),
        ("samples_text", pa.string()),
    ]
)
SCHEMAS = {SCORES: SCORES_SCHEMA, EXPECTATIONS: EXPECTATIONS_SCHEMA}
# What the data dictionary says of the two tables; dbt does not build them.
DESCRIPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    SCORES: (
        "Grain: one row per audit, table and dimension of quality; the newest 200 audits, those that stopped a "
        "publication included. Weights are additive: the score is the sum of passed over the sum of judged weight.",
        {
            "audited_at": "When it was judged. UTC.",
            "is_gate_passed": "Whether the data went on.",
            "table_name": "`source/table` of bronze, or the model of dbt.",
            "dimension": "completeness, validity, uniqueness, timeliness or consistency.",
            "passed_weight": "Weight of the expectations and tests that passed; blocking ones weigh 3, warnings 1.",
            "judged_weight": "Weight of all that were judged.",
        },
    ),
    EXPECTATIONS: (
        "Grain: one row per expectation on what arrives and what leaves, and per test of dbt that did not pass, as of "
        "the audit of this version.",
        {
            "audited_at": "When it was judged. UTC.",
            "stage": "arrives (bronze), built (a test of dbt) or leaves (the candidate).",
            "table_name": "`source/table` of bronze, or the model of dbt.",
            "table_title": "Subject in Portuguese; empty for a test of dbt.",
            "rule": "What was expected, in the words of Great Expectations or dbt.",
            "claim_text": "The same in Portuguese; for a test of dbt its description.",
            "dimension": "completeness, validity, uniqueness, timeliness or consistency.",
            "severity": "blocking or warning.",
            "status": "passed, failed or not_judged (no rows, or no history yet).",
            "observed_text": "The figures that were judged, where there is one row of them.",
            "unexpected_count": "Rows that broke it.",
            "element_count": "Rows that were judged.",
            "cause_text": "Likely cause of a failure, in Portuguese.",
            "samples_text": "Some of the rows that broke it, as JSON.",
        },
    ),
}


@dataclass
class History:
    """All kept audits.

    Attributes:
        audits: Oldest first: `audited_at`, `is_gate_passed`, `scores` (table, dimension, passed, judged), `measures`.
        accepted: Table to the moment from which on its size counts as usual, whatever the gate said.
    """

    audits: list[dict[str, Any]] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, store: GoldStore) -> History:
        """The history of a lake, empty at first."""
        content = store.read(FILE)
        return cls() if content is None else cls(**json.loads(content))

    def write(self, store: GoldStore) -> None:
        """Replace the file as a whole."""
        content = {"audits": self.audits[-KEPT_AUDITS:], "accepted": self.accepted}
        store.write(FILE, json.dumps(content, ensure_ascii=False).encode())

    def usual_rows(self) -> dict[str, float]:
        """Median rows of each table in its last audits that let it pass, or since its size was accepted."""
        counts: dict[str, list[float]] = defaultdict(list)
        for audit in self.audits:
            for table, measures in audit["measures"].items():
                since = self.accepted.get(table)
                is_counted = audit["audited_at"] >= since if since else True
                if is_counted and (audit["is_gate_passed"] or since):
                    counts[table].append(measures["row_count"])
        return {table: median(rows[-_USUAL_OF:]) for table, rows in counts.items()}

    def add(self, audited_at: datetime, outcomes: Iterable[Outcome], measures: dict[str, dict[str, float]]) -> None:
        """Take in an audit."""
        weights: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        found = list(outcomes)
        for outcome in found:
            if outcome.status != "not_judged":
                passed_and_judged = weights[outcome.table, outcome.dimension]
                passed_and_judged[0] += outcome.weight * (outcome.status == "passed")
                passed_and_judged[1] += outcome.weight
        self.audits.append(
            {
                "audited_at": audited_at.isoformat(),
                "is_gate_passed": not any(outcome.stops for outcome in found),
                "scores": [[*key, *weight] for key, weight in sorted(weights.items())],
                "measures": measures,
            }
        )

    def accept(self, table: str) -> None:
        """Let the size that a table had in the newest audit count as usual from now on.

        Raises:
            KeyError: No audit knows the table.
        """
        known = [audit["audited_at"] for audit in self.audits if table in audit["measures"]]
        if not known:
            raise KeyError(table)
        self.accepted[table] = known[-1]

    def scores(self) -> pa.Table:
        """The table `quality_scores`."""
        rows = [
            {
                "audited_at": datetime.fromisoformat(audit["audited_at"]),
                "is_gate_passed": audit["is_gate_passed"],
                **dict(zip(("table_name", "dimension", "passed_weight", "judged_weight"), score, strict=True)),
            }
            for audit in self.audits[-KEPT_AUDITS:]
            for score in audit["scores"]
        ]
        return pa.Table.from_pylist(rows, schema=SCORES_SCHEMA)


def expectations(audited_at: datetime, outcomes: Iterable[Outcome]) -> pa.Table:
    """The table `quality_expectations`; tests of dbt only where they did not pass."""
    rows = [
        {
            "audited_at": audited_at,
            "stage": outcome.stage,
            "table_name": outcome.table,
            "table_title": outcome.title,
            "rule": outcome.rule,
            "claim_text": outcome.claim,
            "dimension": outcome.dimension,
            "severity": outcome.severity,
            "status": outcome.status,
            "observed_text": outcome.observed,
            "unexpected_count": outcome.unexpected_count,
            "element_count": outcome.element_count,
            "cause_text": outcome.cause,
            "samples_text": json.dumps(outcome.samples, ensure_ascii=False),
        }
        for outcome in outcomes
        if outcome.stage != "built" or outcome.status != "passed"
    ]
    return pa.Table.from_pylist(rows, schema=EXPECTATIONS_SCHEMA)


def write_tables(candidate: Path, history: History, audited_at: datetime, outcomes: list[Outcome]) -> None:
    """Write both tables into the candidate."""
    tables = {SCORES: history.scores(), EXPECTATIONS: expectations(audited_at, outcomes)}
    for name, table in tables.items():
        folder = candidate / name
        folder.mkdir(exist_ok=True)
        pq.write_table(table, folder / "part-0.parquet", compression="zstd")


def verdicts(table: pa.Table) -> set[tuple[Any, ...]]:
    """What a `quality_expectations` says, without when and how much."""
    named = ("stage", "table_name", "rule", "severity", "status")
    return {tuple(row[name] for name in named) for row in table.select(list(named)).to_pylist()}
