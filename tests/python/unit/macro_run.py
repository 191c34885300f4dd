"""Runs a macro, as it is or changed, over its table of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import duckdb
from macro_cases import TABLES, Case, Table
from macro_sql import Value, rows_of, sql_of, values_of


def failures(connection: duckdb.DuckDBPyConnection, macro: str, changed: Mapping[str, str] | None = None) -> list[str]:
    """What the macro gets wrong, one line each; nothing if it is right.

    Raises:
        duckdb.Error: The written-out SQL does not run.
    """
    table = TABLES[macro]
    return _failing_samples(connection, macro, table, changed) + _failing_cases(connection, macro, table, changed)


def differs(actual: Value, expected: Value, tolerance: float) -> bool:
    if actual is None or expected is None or isinstance(actual, str) or isinstance(expected, str):
        return actual != expected
    return not abs(actual - expected) <= tolerance * (abs(expected) or 1.0)


def _columns(count: int) -> list[str]:
    return [f"a{position}" for position in range(count)]


def _call(macro: str, columns: list[str]) -> str:
    return f"{macro}({', '.join(repr(column) for column in columns)})"


def _failing_cases(
    connection: duckdb.DuckDBPyConnection, macro: str, table: Table, changed: Mapping[str, str] | None
) -> list[str]:
    by_count: dict[int, list[Case]] = defaultdict(list)
    for case in table.cases:
        by_count[len(case.arguments)].append(case)
    failing = []
    for count, cases in by_count.items():
        columns = _columns(count)
        expression = table.around.replace("{}", sql_of(table.call or _call(macro, columns), changed))
        actual = rows_of(
            connection, f"select {expression} from {values_of([case.arguments for case in cases], columns)}"
        )
        failing += [
            f"{macro}{case.arguments} is {value}, not {case.expected}: {case.why}"
            for value, case in zip(actual, cases, strict=True)
            if differs(value, case.expected, case.tolerance)
        ]
    return failing


def _failing_samples(
    connection: duckdb.DuckDBPyConnection, macro: str, table: Table, changed: Mapping[str, str] | None
) -> list[str]:
    if not table.samples:
        return []
    columns = _columns(len(table.samples[0].rows[0]))
    rows = [(float(number), *row) for number, sample in enumerate(table.samples) for row in sample.rows]
    aggregate = sql_of(_call(macro, columns), changed)
    actual = rows_of(
        connection,
        f"select {aggregate} from {values_of(rows, ['sample', *columns])} group by sample order by sample",
    )
    return [
        f"{macro} of {sample.rows} is {value}, not {sample.expected}: {sample.why}"
        for value, sample in zip(actual, table.samples, strict=True)
        if differs(value, sample.expected, 1e-12)
    ]
