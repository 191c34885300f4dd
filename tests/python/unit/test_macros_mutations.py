"""Changing any operator or constant of a statistical or inventory macro is noticed by the tables of cases."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator

import duckdb
import jinja2
import pytest
from macro_cases import TABLES
from macro_run import failures
from macro_sql import needed_by, sources

# Comments, the left side of a Jinja assignment and the loop that only writes a formula out are not arithmetic.
NOT_ARITHMETIC = re.compile(r"\{#.*?#\}|\{%-? set [\w.]+ =|\{% macro \w+\(|-?%\}|\{%-?|\{%- for .*? -%\}", re.DOTALL)

OPERATORS = {
    r"(?<= )\+(?= )": "-",
    r"(?<= )-(?= )": "+",
    r"(?<=[(\[, ])-(?=[\w(])": "",
    r"(?<= )\*(?= )": "/",
    r"(?<= )/(?= )": "*",
    r"(?<= )<(?= )": "<=",
    r"(?<= )<=(?= )": "<",
    r"(?<= )>(?= )": ">=",
    r"(?<= )>=(?= )": ">",
    r"(?<= )=(?= )": "<>",
    r"\band\b": "or",
    r"\bor\b": "and",
    r"\bnot (?!null)": "",
    r"\bis null\b": "is not null",
    r"\bis not null\b": "is null",
    r"\bleast(?=\()": "greatest",
    r"\bgreatest(?=\()": "least",
    r"\bceil(?=\()": "floor",
    r"\bfloor(?=\()": "ceil",
}
NUMBER = re.compile(r"(?<![\w.\]])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])")

# Macros that take a search each time they run: one change in four, unless the environment says MUTANTS=all.
COSTLY = {"count_distribution", "count_tail_fraction", "lead_time_demand_quantile"}

APPROXIMATIONS = {
    "normal_quantile",
    "normal_cdf",
    "normal_loss",
    "normal_loss_inverse",
    "stirling_error",
    "poisson_deviance",
    "count_distribution",
    "count_distribution_at",
    "count_tail_fraction",
    "gamma_quantile_guess",
}

# What is not tried, as parts of a line and its change, and why: the result stays the same, but for rounding.
NOT_TRIED: dict[str, tuple[str, ...]] = {
    # branches that agree where they meet, or approximations that overlap
    "normal_quantile": ("<= made <",),
    "normal_cdf": ("> made >=", "< made <=", "37e0 made 5.55", "7.07106781186547e0 made 1.06"),
    "pinball_loss": (">= made >",),
    "forecast_quantile": ("<= made <", "- 0e0: - made +", "0e0): - made +"),
    # engines whose division by zero raises need the nullif
    "forecast_reorder_point": ("< made <=", "0 made -1"),
    "poisson_deviance": (">= made >", "0.1e0 made", "6.666666666666667e-2 made"),
    "stirling_error": (">= made >", "16e0 made"),
    # a minimum order below zero is refused before
    "round_up_to_lot": ("0e0 made -1e-6", "0e0 made 1e-6"),
    # finite_number refuses what a division by zero gives; engines that raise instead need the nullif
    "tracking_signal": ("0 made",),
    "wape": ("0 made",),
    # the deepest of forty terms; the branches overlap
    "normal_loss": ("sql='1e0'", "range(40, 0, -1)", "< made <="),
    # where Newton starts, and a step to spare
    "normal_loss_inverse": ("set root", "set density", "loss > 3", "loss < 1e-5", "'0.0669136868e0'", "end], "),
    "gamma_quantile_guess": ("0e0 made",),
    # the search: where it looks next, and brackets wider than they need be, which end on the same number; the last two
    # would be noticed, after seconds
    "lead_time_demand_quantile": (
        "'guess'",
        "'high': ceil(",
        "list_resize(",
        "'newton'",
        "'slope'",
        "step > 12",
        "then floor((bracket",
        "state.k + ceil(bracket.newton",
        "bracket.low + 1",
        "bracket.high - 1",
        "else least(greatest(",
        "when gap.missing > point.next",
        "when gap.missing > 0",
        "when gap.missing + point.probability > 0",
        "else state.k - 1",
        "(1e0 + 1e-12) - 1.1e-16",
        "(1e0 - 1e-12) - point.tail",
        "input.mean = 0 then 0e0: 0 made -1",
        ".high, 0e0) + 0e0",
        "})[1])[1])[1]",
    ),
    # terms to spare, what stands for infinity, the value beyond the last term, and a divisor of zero
    "count_distribution": (
        "5000e0 made",
        "6 made",
        "9 made",
        "cbrt(",
        "floor made ceil",
        "excess > 0 then",
        "else 1e300",
    ),
    "count_tail_fraction": ("'terms': least(", "2 * side.terms + 1", "1e0 made"),
}


def other_numbers(text: str, is_approximation: bool) -> list[str]:
    """A number a little above and below it; half as far again where the number belongs to an approximation."""
    value = float(text)
    if text.isdigit():
        return [str(int(text) + 1), str(int(text) - 1) if int(text) else "-1"]
    if value == 0:
        return ["1e-6", "-1e-6"]
    change = 0.5 if is_approximation else 1e-6
    return [f"{value * (1 + change):.17e}", f"{value * (1 - change):.17e}"]


def mutants(macro: str) -> Iterator[tuple[str, str]]:
    """Every text of the macro with one token changed, and what was changed."""
    source = sources()[macro]
    arithmetic = NOT_ARITHMETIC.sub(lambda match: "\0" * len(match.group()), source)
    changes = [
        (match.start(), match.end(), replacement)
        for pattern, replacement in OPERATORS.items()
        for match in re.finditer(pattern, arithmetic)
    ]
    changes += [
        (match.start(), match.end(), replacement)
        for match in NUMBER.finditer(arithmetic)
        for replacement in other_numbers(match.group(), macro in APPROXIMATIONS)
    ]
    for start, end, replacement in sorted(changes):
        line = source[source.rfind("\n", 0, start) + 1 : source.find("\n", end)].strip()
        change = f"{line}: {source[start:end]} made {replacement or 'nothing'}"
        if not any(part in change for part in NOT_TRIED.get(macro, ())):
            yield source[:start] + replacement + source[end:], change


def is_noticed(connection: duckdb.DuckDBPyConnection, macro: str, text: str) -> bool:
    users = sorted((user for user in TABLES if macro in needed_by(user)), key=lambda user: len(needed_by(user)))
    try:
        return any(
            failures(connection, user, {macro: text}) for user in sorted(users, key=lambda user: len(needed_by(user)))
        )
    except (duckdb.Error, jinja2.TemplateError, ValueError):
        return True


@pytest.mark.parametrize("macro", sources())
def test_a_changed_operator_or_constant_is_noticed(macro: str) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        step = 4 if macro in COSTLY and os.environ.get("MUTANTS") != "all" else 1
        chosen = itertools.islice(mutants(macro), 0, None, step)
        unnoticed = [change for text, change in chosen if not is_noticed(connection, macro, text)]

    assert unnoticed == []
