"""Macros written out as SQL without dbt, as they are or with one of them changed. They are plain Jinja."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import jinja2

MACROS = Path(__file__).parents[3] / "macros"
FOLDERS = ("statistics", "inventory")

Value = float | str | None


@cache
def sources() -> dict[str, str]:
    """Text of every statistical and inventory macro by its name."""
    paths = [path for folder in FOLDERS for path in sorted((MACROS / folder).glob("*.sql"))]
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


@cache
def needed_by(macro: str) -> frozenset[str]:
    """The macro and every macro that it is made of."""
    called = set(re.findall(r"\w+(?=\()", sources()[macro])) & sources().keys() - {macro}
    return frozenset({macro}).union(*(needed_by(name) for name in called))


def sql_of(call: str, changed: Mapping[str, str] | None = None) -> str:
    """Write a macro call out as SQL.

    Args:
        call: A Jinja expression, for example `normal_quantile('p')`.
        changed: Text to use for some macros in place of their files.
    """
    called = set(re.findall(r"\w+(?=\()", call)) & sources().keys()
    texts = sources() | dict(changed or {})
    library = [texts[name] for name in sorted(set().union(*(needed_by(name) for name in called)))]
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    return environment.from_string("\n".join(library) + "{{ " + call + " }}").render().strip()


def literal(value: Value) -> str:
    """A double, or text, as SQL; NaN and the infinities included."""
    if value is None:
        return "null::double"
    return f"'{value}'" + ("" if isinstance(value, str) else "::double")


def values_of(rows: Sequence[Sequence[Value]], columns: Sequence[str]) -> str:
    """The rows as a table expression."""
    written = ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
    return f"(values {written}) as cases ({', '.join(columns)})"


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Value]:
    """The first column of a query."""
    return [row[0] for row in connection.execute(query).fetchall()]
