"""What became of an expectation, and the words in which it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["passed", "failed", "not_judged"]


@dataclass(frozen=True)
class Outcome:
    """One expectation, judged.

    Attributes:
        stage: `arrives`, `leaves`, or `built` for a test of dbt.
        table: `source/table` of bronze, or the model.
        rule: What was expected, in the words of Great Expectations or dbt.
        claim: The same in Portuguese.
        status: `not_judged` where there was nothing to judge: no rows, or no history yet.
        observed: The figures that were judged, where the frame has one row, or what Great Expectations said.
        unexpected_count: Rows of the frame that broke it.
        element_count: Rows of the frame.
        samples: Some of the rows that broke it.
        cause: The likely cause, in Portuguese; empty for a test of dbt.
    """

    stage: str
    table: str
    title: str
    rule: str
    claim: str
    dimension: str
    severity: str
    weight: int
    status: Status
    observed: str = ""
    unexpected_count: int = 0
    element_count: int = 0
    cause: str = ""
    samples: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Outcome:
        """The inverse of `to_json`."""
        return cls(**content)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @property
    def stops(self) -> bool:
        """Whether it keeps the data from going on."""
        return self.status == "failed" and self.severity == "blocking"

    def told(self) -> str:
        """One line for an operator: table, rule, what was seen, some rows, the likely cause."""
        rows = "; ".join(", ".join(f"{name}={value}" for name, value in row.items()) for row in self.samples[:3])
        examples = f"; rows: {rows}" if rows else ""
        seen = self.observed or f"{self.unexpected_count} of {self.element_count} rows break it"
        return f"{self.table}: {self.rule}: {seen}{examples}. Likely cause: {self.cause}"


@dataclass
class Audit:
    """What a stage of the audit found.

    Attributes:
        outcomes: Every expectation, judged.
        measures: Table to figures that later audits compare theirs with.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    measures: dict[str, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Audit:
        """The inverse of `to_json`."""
        return cls([Outcome.from_json(entry) for entry in content["outcomes"]], content["measures"])

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"outcomes": [outcome.to_json() for outcome in self.outcomes], "measures": self.measures}

    @property
    def stopping(self) -> list[Outcome]:
        """What keeps the data from going on."""
        return [outcome for outcome in self.outcomes if outcome.stops]


def score_pct(outcomes: Iterable[Outcome]) -> float | None:
    """Share of the weight of judged expectations that passed, in per cent; None where nothing was judged."""
    judged = [outcome for outcome in outcomes if outcome.status != "not_judged"]
    total = sum(outcome.weight for outcome in judged)
    passed = sum(outcome.weight for outcome in judged if outcome.status == "passed")
    return round(100 * passed / total, 2) if total else None
