"""Great Expectations at work: frames in, outcomes and its own validation results out. Imported by the worker alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import great_expectations as gx
import pandas as pd
from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.registry import get_expectation_impl

from extractors.catalog import TABLES
from quality.outcomes import Audit, Outcome, Status
from quality.suites import COLUMNS, ROWS, VOLUME, Expectation, Stage, Suite

# More rows than this never reach pandas; a suite whose frame is larger has to aggregate in SQL.
FRAME_ROWS = 200_000
SAMPLE_ROWS = 5
_SEVERITIES = {"blocking": FailureSeverity.CRITICAL, "warning": FailureSeverity.WARNING}
_CONTRACTS = {table.name: [name for name in table.schema.names if not name.startswith("_")] for table in TABLES}


class FrameTooLargeError(ValueError):
    """A frame of a suite has more rows than may reach pandas."""


class Validator:
    """Judges suites over the relations of one connection and keeps what Great Expectations said for the Data Docs."""

    def __init__(self) -> None:
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._source = self._context.data_sources.add_pandas("frames")
        self.results: dict[tuple[Stage, str], list[ExpectationSuiteValidationResult]] = {}

    def audit(
        self,
        connection: duckdb.DuckDBPyConnection,
        suites: list[Suite],
        columns: Mapping[str, list[str]],
        usual: Mapping[str, float],
    ) -> Audit:
        """Judge suites.

        Args:
            connection: With the views of `quality.relations`.
            suites: What is expected.
            columns: Columns of each table as they came.
            usual: Usual number of rows of a table; a table without is not compared.

        Raises:
            FrameTooLargeError: A frame has more than `FRAME_ROWS` rows.
        """
        audit = Audit()
        for suite in suites:
            rows = _count(connection, suite)
            if rows == 0 and not usual.get(suite.table):
                audit.outcomes += [_not_judged(suite, expectation) for expectation in suite.expectations]
                continue
            frames = self._frames(connection, suite, columns, usual.get(suite.table), rows)
            results = []
            for name, frame in frames.items():
                expectations = [expectation for expectation in suite.expectations if expectation.frame == name]
                result = self._validate(suite, name, frame, expectations)
                results.append(result)
                for expectation, judged in zip(expectations, result.results, strict=True):
                    audit.outcomes.append(_outcome(connection, suite, expectation, frame, judged.to_json_dict()))
            self.results[suite.stage, suite.subject] = results
            audit.measures[suite.table] = {"row_count": float(rows)}
        return audit

    def _frames(
        self,
        connection: duckdb.DuckDBPyConnection,
        suite: Suite,
        columns: Mapping[str, list[str]],
        before: float | None,
        rows: int,
    ) -> dict[str, pd.DataFrame]:
        frames: dict[str, pd.DataFrame] = {}
        for name in dict.fromkeys(expectation.frame for expectation in suite.expectations):
            if name == COLUMNS:
                frames[name] = pd.DataFrame(columns=columns[suite.table])
            elif name == VOLUME:
                ratio = rows / before if before else None
                frames[name] = pd.DataFrame(
                    {"row_count": [rows], "usual_row_count": [before], "row_count_ratio": [ratio]}, dtype=float
                )
            else:
                frames[name] = _read(connection, suite, name)
        return frames

    def _validate(
        self, suite: Suite, name: str, frame: pd.DataFrame, expectations: list[Expectation]
    ) -> ExpectationSuiteValidationResult:
        full_name = f"{suite.subject}.{suite.stage}.{name}"
        asked = ExpectationSuite(
            name=full_name,
            expectations=[
                get_expectation_impl(expectation.kind)(
                    **_arguments(suite, expectation),
                    meta={"claim": expectation.claim, "cause": expectation.cause},
                    severity=_SEVERITIES[expectation.severity],
                )
                for expectation in expectations
            ],
        )
        asset = self._source.add_dataframe_asset(full_name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
        key = [column for column in suite.key if column in frame.columns]
        result = batch.validate(
            asked,
            result_format={
                "result_format": "COMPLETE",
                "partial_unexpected_count": SAMPLE_ROWS,
                **({"unexpected_index_column_names": key} if key else {}),
            },
        )
        self._source.delete_asset(full_name)
        return result


def _read(connection: duckdb.DuckDBPyConnection, suite: Suite, name: str) -> pd.DataFrame:
    query = suite.frames.get(name)
    if query is None:
        wanted = [
            column for expectation in suite.expectations if expectation.frame == ROWS for column in expectation.columns
        ]
        listed = ", ".join(f'"{column}"' for column in dict.fromkeys([*suite.key, *wanted]))
        query = f"from {suite.relation} select {listed}"
    frame = connection.execute(f"from ({query}) limit {FRAME_ROWS + 1}").df()
    if len(frame) > FRAME_ROWS:
        raise FrameTooLargeError(
            f"frame {name!r} of quality/suites/{suite.subject}.yml ({suite.stage}) has more than {FRAME_ROWS} rows; "
            "aggregate it in its SQL, by day for instance"
        )
    return frame


def _count(connection: duckdb.DuckDBPyConnection, suite: Suite) -> int:
    counted = connection.execute(f"from {suite.relation} select count(*)").fetchone()
    return int(counted[0]) if counted else 0


def _arguments(suite: Suite, expectation: Expectation) -> dict[str, Any]:
    if expectation.arguments.get("column_set") == "contract":
        return {**expectation.arguments, "column_set": _CONTRACTS[suite.table]}
    return expectation.arguments


def _not_judged(suite: Suite, expectation: Expectation) -> Outcome:
    """The outcome for a table without rows."""
    return Outcome(
        stage=suite.stage,
        table=suite.table,
        title=suite.title,
        rule=_rule(expectation),
        claim=expectation.claim,
        dimension=expectation.dimension,
        severity=expectation.severity,
        weight=expectation.weight,
        status="not_judged",
        cause=expectation.cause,
    )


def _outcome(
    connection: duckdb.DuckDBPyConnection,
    suite: Suite,
    expectation: Expectation,
    frame: pd.DataFrame,
    judged: dict[str, Any],
) -> Outcome:
    result = judged.get("result") or {}
    problem = (judged.get("exception_info") or {}).get("exception_message")
    elements, missing = int(result.get("element_count", 0)), int(result.get("missing_count") or 0)
    is_about_rows = expectation.kind != "expect_table_columns_to_match_set"
    has_nothing = is_about_rows and elements == (0 if expectation.kind.endswith("not_be_null") else missing)
    status: Status = "not_judged" if has_nothing and not problem else ("passed" if judged["success"] else "failed")
    return replace(
        _not_judged(suite, expectation),
        status=status,
        observed=problem or _observed(expectation, frame, result),
        unexpected_count=int(result.get("unexpected_count") or 0),
        element_count=elements,
        samples=_samples(connection, suite, expectation, result) if status == "failed" else [],
    )


def _rule(expectation: Expectation) -> str:
    arguments = ", ".join(f"{name} {value}" for name, value in expectation.arguments.items())
    return f"{expectation.kind} ({arguments})"


def _observed(expectation: Expectation, frame: pd.DataFrame, result: dict[str, Any]) -> str:
    """The figures of a frame of one row, or the columns that differ; nothing for frames of many rows."""
    mismatched = (result.get("details") or {}).get("mismatched")
    if mismatched:
        return "; ".join(f"{kind} columns {', '.join(names)}" for kind, names in sorted(mismatched.items()))
    if expectation.kind == "expect_table_columns_to_match_set" or len(frame) != 1:
        return ""
    shown = list(frame.columns) if expectation.frame == VOLUME else expectation.columns
    return ", ".join(f"{name} {_plain(frame[name].iloc[0])}" for name in shown)


def _samples(
    connection: duckdb.DuckDBPyConnection, suite: Suite, expectation: Expectation, result: dict[str, Any]
) -> list[dict[str, Any]]:
    if expectation.rows_where is not None:
        rows = connection.execute(
            f"from {suite.relation} select * exclude (_source, _run_id, _content_hash, _schema_version) "
            f"where {expectation.rows_where} limit {SAMPLE_ROWS}"
        )
        names = [column[0] for column in rows.description]
        return [
            {name: _plain(value) for name, value in zip(names, row, strict=True) if value is not None}
            for row in rows.fetchall()
        ]
    found = result.get("partial_unexpected_index_list") or result.get("unexpected_index_list") or []
    return [
        {name: _plain(value) for name, value in row.items()} for row in found[:SAMPLE_ROWS] if isinstance(row, dict)
    ]


def _plain(value: Any) -> Any:
    """A value that JSON holds and a person reads."""
    if isinstance(value, (float, Decimal)):
        number = float(value)
        return None if math.isnan(number) else float(f"{number:.6g}")
    if hasattr(value, "item"):
        return _plain(value.item())
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, (int, str, bool, type(None))) else str(value)
