"""The statistical macros, as DuckDB runs them, agree with scipy over their whole range."""

from __future__ import annotations

from pathlib import Path

import duckdb
import jinja2
import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import norm

MACROS = Path(__file__).parents[3] / "macros"


def sql_of(call: str) -> str:
    """Write a macro call out as SQL, without dbt: the macros are plain Jinja."""
    sources = [path.read_text(encoding="utf-8") for path in sorted((MACROS / "statistics").glob("*.sql"))]
    sources += [path.read_text(encoding="utf-8") for path in sorted((MACROS / "inventory").glob("*.sql"))]
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    return environment.from_string("\n".join(sources) + "{{ " + call + " }}").render()


def evaluate(call: str, values: np.ndarray, column: str) -> np.ndarray:
    """Run a macro over an array bound to `column`."""
    with duckdb.connect() as connection:
        connection.register("samples", {column: values})
        rows = connection.sql(f"select {sql_of(call)} as result from samples").fetchnumpy()
    return np.asarray(rows["result"].filled(np.nan) if hasattr(rows["result"], "filled") else rows["result"])


def dense_probabilities() -> np.ndarray:
    tails = np.concatenate([mantissa * 10.0 ** np.arange(-12, -1) for mantissa in np.linspace(1.001, 9.999, 500)])
    middle = np.linspace(0.0005, 0.9995, 50_001)
    edges = np.array([0.075, 0.925, np.exp(-25), 0.5 - 1e-9, 0.5 + 1e-9])
    return np.unique(np.concatenate([tails, 1 - tails[tails > 1e-9], middle, edges]))


def test_normal_quantile_has_a_relative_error_of_at_most_1e_12() -> None:
    p = dense_probabilities()

    z = evaluate("normal_quantile('p')", p, "p")

    expected = ndtri(p)
    away_from_zero = np.abs(expected) > 1e-8
    error = np.abs(z - expected)
    assert (error[away_from_zero] / np.abs(expected[away_from_zero])).max() <= 1e-12
    assert error[~away_from_zero].max(initial=0) <= 1e-16


def test_normal_quantile_is_symmetric_and_increasing() -> None:
    p = np.linspace(0.001, 0.999, 9_999)

    z = evaluate("normal_quantile('p')", p, "p")

    assert np.all(np.diff(z) > 0)
    np.testing.assert_allclose(z, -z[::-1], atol=1e-12)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 1.1, 95.0, np.nan, np.inf, -np.inf])
def test_normal_quantile_of_an_invalid_level_is_null(p: float) -> None:
    assert np.isnan(evaluate("normal_quantile('p')", np.array([p]), "p")).all()


def test_normal_cdf_has_an_absolute_error_of_at_most_1e_14() -> None:
    z = np.concatenate([np.linspace(-40, 40, 80_001), [-7.07106781186547, 7.07106781186547]])

    p = evaluate("normal_cdf('z')", z, "z")

    assert np.abs(p - norm.cdf(z)).max() <= 1e-14


def test_normal_cdf_undoes_the_quantile() -> None:
    p = np.linspace(0.0001, 0.9999, 10_001)

    returned = evaluate("normal_cdf(normal_quantile('p'))", p[::100], "p")

    np.testing.assert_allclose(returned, p[::100], atol=1e-14)


def test_a_hundred_thousand_quantiles_take_about_a_second() -> None:
    p = np.linspace(1e-9, 1 - 1e-9, 100_000)

    z = evaluate("normal_quantile('p')", p, "p")

    assert np.isfinite(z).all()


def test_safety_stock_is_quantile_times_kings_deviation() -> None:
    generator = np.random.default_rng(20260101)
    level = generator.uniform(0.5, 0.999, 1_000)

    stock = evaluate("safety_stock(10, 16, 3, 'level', 2, 1)", level, "level")

    np.testing.assert_allclose(stock, norm.ppf(level) * np.sqrt(17 * 9 + 100 * 4), rtol=1e-11)
