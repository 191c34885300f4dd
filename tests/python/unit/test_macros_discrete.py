"""The distribution of demand over an interval, as DuckDB computes it, is scipy's, and its quantiles are exact."""

from __future__ import annotations

import itertools

import duckdb
import numpy as np
import pytest
from scipy.stats import nbinom, poisson
from test_macros import sql_of

MEANS = (1e-3, 0.02, 0.3, 1, 2.5, 7, 30, 140, 600, 3_000, 12_345.6, 50_000)
VARIANCES_PER_MEAN = (0.2, 1, 1.001, 1.02, 1.3, 2, 4, 11, 60, 400, 1_000)
LEVELS = (1e-9, 0.001, 0.05, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.999_9, 0.999_999)


def moments_by(*others: tuple[float, ...]) -> dict[str, np.ndarray]:
    """Every mean with every variance and every combination of `others`, as columns."""
    grid = np.array(
        [(mean, mean * ratio, *rest) for mean, ratio, *rest in itertools.product(MEANS, VARIANCES_PER_MEAN, *others)]
    )
    return {"mean": grid[:, 0], "variance": grid[:, 1], "x": grid[:, 2]}


def evaluate(call: str, columns: dict[str, np.ndarray]) -> np.ndarray:
    with duckdb.connect() as connection:
        connection.register("samples", columns)
        result = connection.sql(f"select {sql_of(call)} as result from samples").fetchnumpy()["result"]
    return np.ma.filled(result, np.nan)


def at_most(k: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        negative_binomial = nbinom.cdf(k, mean**2 / (variance - mean), mean / variance)
    return np.where(variance > mean, negative_binomial, poisson.cdf(k, mean))


def above(k: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        negative_binomial = nbinom.sf(k, mean**2 / (variance - mean), mean / variance)
    return np.where(variance > mean, negative_binomial, poisson.sf(k, mean))


def test_the_quantile_is_the_smallest_number_that_reaches_the_level() -> None:
    columns = moments_by(LEVELS)
    mean, variance, level = columns["mean"], columns["variance"], columns["x"]

    k = evaluate("lead_time_demand_quantile('x', 'mean', 'variance')", columns)

    # Both tails of scipy agree with the answer; its own ppf is off by one where a level is met exactly.
    rounding = 1e-9
    assert np.all(at_most(k, mean, variance) >= level * (1 - rounding))
    assert np.all(above(k, mean, variance) <= (1 - level) * (1 + rounding))
    below = k > 0
    assert np.all(at_most(k - 1, mean, variance)[below] < (level * (1 + rounding))[below])
    assert np.all(above(k - 1, mean, variance)[below] > ((1 - level) * (1 - rounding))[below])


@pytest.mark.parametrize("macro", ["lead_time_demand_cdf", "stockout_probability"])
def test_both_tails_have_nine_digits_however_small(macro: str) -> None:
    columns = moments_by((-6.0, -3.0, -1.0, -0.1, 0.0, 0.5, 2.0, 5.0, 12.0))
    columns["x"] = np.maximum(np.floor(columns["mean"] + columns["x"] * np.sqrt(columns["variance"])), 0)

    tail = evaluate(f"{macro}('x', 'mean', 'variance')", columns)

    reference = {"lead_time_demand_cdf": at_most, "stockout_probability": above}[macro]
    expected = reference(columns["x"], columns["mean"], columns["variance"])
    np.testing.assert_allclose(tail, expected, rtol=1e-9, atol=1e-15)


def test_a_level_that_is_met_exactly_is_reached() -> None:
    # F(r - 1) of r successes at one half is one half, and F(k) of a geometric is 1 - q^(k + 1): both are exact.
    ties = [(r - 1, 0.5, r, 2 * r) for r in (1, 2, 3, 40, 200, 1_000, 50_000)]
    ties += [(k, 1 - 0.5 ** (k + 1), 1, 2) for k in range(40)]
    ties += [(k, 1 - 0.1 ** (k + 1), 1 / 9, 10 / 81) for k in range(6)]
    expected, level, mean, variance = np.array(ties, dtype=float).T

    k = evaluate("lead_time_demand_quantile('x', 'mean', 'variance')", {"mean": mean, "variance": variance, "x": level})

    np.testing.assert_array_equal(k, expected)


def test_extreme_levels_and_moments_end_the_search() -> None:
    cases = [
        (1e-300, 5_000, 5_000, 2_621),
        (0.95, 1, 1e12, 0),
        (0.95, 1e9, 1e10, 1_000_164_491),
        (1 - 1e-9, 50_000, 5e7, nbinom.ppf(1 - 1e-9, 50_000**2 / (5e7 - 50_000), 1e-3)),
    ]
    level, mean, variance, expected = np.array(cases).T

    k = evaluate("lead_time_demand_quantile('x', 'mean', 'variance')", {"mean": mean, "variance": variance, "x": level})

    np.testing.assert_array_equal(k, expected)
