"""The project's generic dbt tests find what they are there to find, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest

GENERIC = Path(__file__).parents[3] / "tests" / "dbt" / "generic"
VARIABLES = {"calendar_from": "1990-01-01", "calendar_to": "2040-12-31"}


def failures(test: str, rows: str, **arguments: Any) -> int:
    """Rows that a generic test returns on a relation given as SQL."""
    source = (GENERIC / f"{test}.sql").read_text(encoding="utf-8")
    source = re.sub(r"{%(-?) test (\w+)", r"{%\1 macro test_\2", source).replace("endtest", "endmacro")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    macro = getattr(environment.from_string(source, globals={"var": VARIABLES.__getitem__}).module, f"test_{test}")
    with duckdb.connect() as connection:
        return len(connection.sql(macro(f"({rows})", **arguments)).fetchall())


def versions(*intervals: tuple[str, int, int]) -> str:
    """Versions of things, valid from one number to another; the last ones end at 99."""
    listed = ", ".join(f"('{thing}', {start}, {end}, {end} = 99)" for thing, start, end in intervals)
    return f"select * from (values {listed}) as v (id, valid_from, valid_to, is_current)"


@pytest.mark.parametrize(
    ("intervals", "no_gap", "expected"),
    [
        pytest.param([("A", 0, 5), ("A", 5, 99), ("B", 3, 99)], True, 0, id="half-open versions that touch"),
        pytest.param([("A", 0, 6), ("A", 5, 99)], False, 1, id="overlap"),
        pytest.param([("A", 0, 99), ("A", 3, 5), ("A", 7, 8)], False, 1, id="versions inside another"),
        pytest.param([("A", 0, 5), ("A", 5, 5), ("A", 5, 99)], False, 1, id="an empty version"),
        pytest.param([("A", 0, 5), ("A", 6, 99)], False, 0, id="a gap that is allowed"),
        pytest.param([("A", 0, 5), ("A", 6, 99)], True, 1, id="a gap"),
        pytest.param([("A", 0, 99), ("B", 0, 99)], True, 0, id="two things at the same time"),
    ],
)
def test_no_overlap(intervals: list[tuple[str, int, int]], no_gap: bool, expected: int) -> None:
    assert failures("no_overlap", versions(*intervals), id="id", no_gap=no_gap) == expected


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([("A", 0, 5), ("A", 5, 99), ("B", 0, 99)], 0),
        ([("A", 0, 99), ("A", 5, 99)], 1),
        ([("A", 0, 5), ("A", 5, 9)], 1),
    ],
)
def test_one_current_finds_none_and_two(intervals: list[tuple[str, int, int]], expected: int) -> None:
    assert failures("one_current", versions(*intervals), id="id") == expected


def days(*rows: str) -> str:
    return f"select * from (values {', '.join(rows)}) as v (thing, day_on)"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            ["('A', date '2026-03-01')", "('A', date '2026-03-02')", "('B', date '2026-03-01')"], 0, id="unique"
        ),
        pytest.param(["('A', date '2026-03-01')", "('A', date '2026-03-01')"], 1, id="twice"),
        pytest.param(["('A', date '2026-03-01')", "('A', null)"], 1, id="no day"),
        pytest.param(["('A', null::date)"], 1, id="nothing but no day"),
        pytest.param(["('A', date '2026-03-01')", "(null, date '2026-03-01')"], 1, id="no thing"),
        pytest.param(["('A', date '1990-01-01')", "('A', date '2040-12-31')"], 0, id="ends of the calendar"),
    ],
)
@pytest.mark.parametrize("day", [None, "day_on"])
def test_unique_combination_with_and_without_its_short_cut(rows: list[str], expected: int, day: str | None) -> None:
    assert failures("unique_combination", days(*rows), columns=["thing", "day_on"], day=day) == expected


def test_unique_combination_refuses_a_day_outside_the_calendar() -> None:
    with pytest.raises(duckdb.Error, match="outside of provided"):
        failures("unique_combination", days("('A', date '2041-01-01')"), columns=["thing", "day_on"], day="day_on")


@pytest.mark.parametrize(("keys", "expected"), [(["unknown", "A"], 0), (["A"], 1), (["unknown", "unknown"], 1)])
def test_has_unknown_member_wants_exactly_one(keys: list[str], expected: int) -> None:
    rows = f"select unnest({keys}) as thing_key"
    assert failures("has_unknown_member", rows, column_name="thing_key") == expected


@pytest.mark.parametrize(("ours", "theirs", "expected"), [(3, 3, 0), (2, 3, 1), (4, 3, 1), (0, 0, 0)])
def test_same_row_count_finds_lost_and_doubled_rows(ours: int, theirs: int, expected: int) -> None:
    others = f"(select * from range({theirs}))"
    assert failures("same_row_count", f"select * from range({ours})", compare_to=others) == expected


@pytest.mark.parametrize(("count", "expected"), [(0, 1), (1, 0), (2, 1)])
def test_exactly_one_row(count: int, expected: int) -> None:
    assert failures("exactly_one_row", f"select * from range({count})") == expected


def test_expression_is_true_returns_the_rows_where_it_is_false_and_passes_null() -> None:
    rows = "select unnest([1, -1, null, -2]) as units"
    assert failures("expression_is_true", rows, expression="units > 0") == 2
