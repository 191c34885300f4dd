"""What each macro must give: values worked by hand or printed in a textbook, zero, NULL, invalid and extreme input.

A table is enough to notice any changed operator or constant of its macro and of the macros below it, as
test_macros_mutations.py proves. Published values carry the digits that were printed as their tolerance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from macro_sql import Value, sql_of
from scipy import integrate
from scipy.special import ndtr, ndtri
from scipy.stats import nbinom, poisson

NAN = math.nan
INFINITY = math.inf
NULL = None


@dataclass(frozen=True)
class Case:
    """One call: arguments in order (fewer where the rest keep their defaults), the result, and what it shows."""

    arguments: tuple[Value, ...]
    expected: Value
    why: str = ""
    tolerance: float = 1e-11


@dataclass(frozen=True)
class Sample:
    """Rows that an aggregate takes in, one tuple of arguments each, and the result."""

    rows: tuple[tuple[Value, ...], ...]
    expected: Value
    why: str = ""


@dataclass(frozen=True)
class Table:
    """The cases of one macro, or the samples of an aggregate.

    Arguments stand in columns a0, a1, ...: the macro is called with as many of them as a case has. A macro that wants
    something else says how it is called and what SQL goes around it, in place of `{}`.
    """

    cases: list[Case] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    call: str = ""
    around: str = "{}"


def invalid_in_each_place(valid: tuple[float, ...], refused: dict[int, tuple[Value, ...]]) -> list[Case]:
    """The valid call with one argument at a time replaced by NULL, NaN, infinities and what `refused` adds: NULL."""
    cases = []
    for position in range(len(valid)):
        for value in (NULL, NAN, INFINITY, -INFINITY, *refused.get(position, ())):
            arguments = (*valid[:position], value, *valid[position + 1 :])
            cases.append(Case(arguments, NULL, f"argument {position + 1} is {value}"))
    return cases


LEVELS = (10.0, 12.0, 15.0, 20.0, 30.0, 50.0)  # q50, q80, q90, q95, q98, q99
KNOTS = tuple(float(ndtri(p)) for p in (0.5, 0.8, 0.9, 0.95, 0.98, 0.99))


def between_levels(z: float) -> float:
    """Straight lines between the levels; the last one goes on."""
    place = min(max(int(np.searchsorted(KNOTS, z)) - 1, 0), 4)
    share = (z - KNOTS[place]) / (KNOTS[place + 1] - KNOTS[place])
    return LEVELS[place] + share * (LEVELS[place + 1] - LEVELS[place])


def unit_loss(k: float) -> float:
    """G(k) by its definition, an integral; nothing in common with the macro."""
    if k < 0:
        return unit_loss(-k) - k
    value, _ = integrate.quad(
        lambda t: t * math.exp(-t * t / 2 - k * t) / math.sqrt(2 * math.pi), 0, math.inf, epsabs=0, epsrel=1e-13
    )
    return float(value) * math.exp(-k * k / 2)


def count_tails(k: float, mean: float, variance: float) -> tuple[float, float]:
    if variance <= mean:
        return float(poisson.cdf(k, mean)), float(poisson.sf(k, mean))
    law = (mean**2 / (variance - mean), mean / variance)
    return float(nbinom.cdf(k, *law)), float(nbinom.sf(k, *law))


def stieltjes(x: float) -> float:
    """What Stirling's formula leaves out, by Stieltjes' continued fraction."""
    value = x
    for numerator in (29944523 / 19733142, 22999 / 22737, 195 / 371, 53 / 210, 1 / 30):
        value = x + numerator / value
    return 1 / (12 * value)


def smallest_reaching(level: float, mean: float, variance: float) -> float:
    """scipy's quantile; where a level is met exactly, rounding makes scipy answer one too many."""
    law = poisson(mean) if variance <= mean else nbinom(mean**2 / (variance - mean), mean / variance)
    k = float(law.ppf(level))
    return k - 1 if k > 0 and law.cdf(k - 1) >= level - 1e-13 else k


def gamma_quantile(z: float, mean: float, variance: float) -> float:
    """Wilson & Hilferty (1931), written by the shape of the three-moment gamma."""
    skewness = (2 * variance / mean - 1) / math.sqrt(variance)
    shape = 4 / skewness**2
    standard = (shape * max(1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape)), 0) ** 3 - shape) / math.sqrt(shape)
    return mean + math.sqrt(variance) * standard - 0.5


QUANTILE_POINTS = [*np.logspace(-290, -13, 30), *np.logspace(-12, -1, 45), *np.linspace(0.01, 0.99, 99), 0.075, 0.925]
CDF_POINTS = [*np.linspace(-38.4, 38.4, 129), *np.linspace(-7.2, 7.2, 145), 7.07106781186547, -7.07106781186547]
LOSS_POINTS = [*np.linspace(-9, 9, 37), *np.linspace(2.9, 3.1, 5), 12.0, 20.0, 29.0]
MOMENTS = [
    (float(mean), mean * ratio)
    for mean in (0.02, 0.4, 3, 15.5, 80, 40_000)
    for ratio in (0.5, 1, 1.01, 1.5, 4, 30, 300)
]
COUNTS = [
    (float(max(math.floor(mean + z * math.sqrt(variance)), 0)), mean, variance)
    for mean, variance in MOMENTS
    for z in (-4, -0.8, 0, 0.1, 1, 4)
]
SEARCHED = [
    (level, mean, mean * ratio)
    for mean in (0.4, 15.5, 90.0)
    for ratio in (0.5, 1.01, 4)
    for level in (1e-4, 0.5, 0.9, 0.999)
]

TABLES: dict[str, Table] = {
    "normal_quantile": Table(
        [
            *(Case((float(p),), float(ndtri(p)), "scipy", 1e-12) for p in QUANTILE_POINTS),
            Case((0.5,), 0.0, "the median"),
            *(Case((p,), NULL, "not inside (0, 1)") for p in (0.0, 1.0, -0.1, 95.0, NAN, INFINITY, -INFINITY, NULL)),
        ]
    ),
    "normal_cdf": Table(
        [
            *(Case((float(z),), float(ndtr(z)), "scipy", 1e-12) for z in CDF_POINTS if z > -3.5),
            *(Case((float(z),), float(ndtr(z)), "scipy", 1e-7) for z in CDF_POINTS if -37 <= z <= -3.5),
            *(Case((float(z),), 0.0, "beyond the reach of doubles") for z in CDF_POINTS if z < -37),
            Case((INFINITY,), 1.0),
            Case((-INFINITY,), 0.0),
            Case((NULL,), NULL),
            Case((NAN,), NULL),
        ]
    ),
    "normal_loss": Table(
        [
            Case((1.0,), 0.08332, "table of the unit normal loss, Silver, Pyke & Thomas", 1e-4),
            Case((2.0,), 0.008491, "the same table", 1e-4),
            *(Case((float(k),), unit_loss(float(k)), "the defining integral", 2e-12) for k in LOSS_POINTS),
            Case((0.0,), 1 / math.sqrt(2 * math.pi), "the density at zero", 1e-15),
            Case((-1e6,), 1e6, "what surely lies above"),
            Case((1e6,), 0.0, "what never does"),
            *invalid_in_each_place((1.0,), {}),
        ]
    ),
    "normal_loss_inverse": Table(
        [
            *(Case((unit_loss(float(k)),), float(k), "undoes the integral", 1e-9) for k in np.linspace(-9, 28, 75)),
            *(Case((loss,), NULL, "k beyond 30") for loss in (9.9e-201, 3e-205)),
            Case((1e-200,), 30.092730441015874, "the smallest loss that is taken", 1e-9),
            *invalid_in_each_place((0.1,), {0: (0.0, -0.1)}),
        ]
    ),
    "polynomial": Table(
        [Case((2.0,), 15.0, "3 x 4 + 5 x 2 - 7"), Case((0.0,), -7.0, "the constant"), Case((NULL,), NULL)],
        call="polynomial('a0', ['3e0', '5e0', '-7e0'])",
    ),
    "non_negative": Table(
        [Case((0.0,), 0.0), Case((2.5,), 2.5), Case((1e300,), 1e300), *invalid_in_each_place((1.0,), {0: (-1e-9,)})]
    ),
    "finite_number": Table(
        [Case((-2.5,), -2.5), Case((0.0,), 0.0), Case((1e300,), 1e300), *invalid_in_each_place((1.0,), {})]
    ),
    "positive_part": Table(
        [Case((2.5,), 2.5), Case((0.0,), 0.0), Case((-2.5,), 0.0), Case((NULL,), NULL, "no number is not zero")]
    ),
    "open_fraction": Table(
        [
            *(Case((p,), p) for p in (0.5, 1e-12, 1 - 1e-12)),
            *invalid_in_each_place((0.5,), {0: (0.0, 1.0, 95.0, -0.5, 1 + 1e-9)}),
        ]
    ),
    "sample_deviation": Table(
        [
            Case((40.0, 232.0, 8.0), math.sqrt(32 / 7), "2, 4, 4, 4, 5, 5, 7, 9"),
            Case((6.0, 20.0, 2.0), math.sqrt(2), "2 and 4"),
            Case((30.0, 300.0, 3.0), 0.0, "equal values"),
            Case((30.0, 299.999, 3.0), 0.0, "what rounding left below zero is zero"),
            Case((5.0, 25.0, 1.0), NULL, "one value has no deviation"),
            *(Case(a, NULL) for a in ((5.0, 25.0, NULL), (NULL, 25.0, 3.0), (5.0, NULL, 3.0))),
        ]
    ),
    "stirling_error": Table(
        [
            *(
                Case(
                    (x,),
                    math.lgamma(x + 1) - (x + 0.5) * math.log(x) + x - 0.5 * math.log(2 * math.pi),
                    "the definition",
                    1e-11,
                )
                for x in (1e-9, 0.01, 0.5, 1.0, 3.3, 15.9)
            ),
            *(
                Case(
                    (x,),
                    stieltjes(x),
                    "Stieltjes' continued fraction",
                    4e-15,
                )
                for x in (16.0, 17.5, 40.0, 1e6, 1e300)
            ),
        ]
    ),
    "poisson_deviance": Table(
        [
            Case((0.0, 7.0, 7.0), 0.0, "nothing deviates"),
            Case((-4.0, 0.0, 4.0), 4.0, "none where four are expected"),
            *(
                Case(
                    (x - m, x, m),
                    integrate.quad(lambda t, x=x: (x - t) / t, m, x, epsabs=0, epsrel=2e-14)[0],
                    "the integral of x / t - 1",
                    1e-14,
                )
                for x, m in ((10.0, 2.0), (1.0, 10.0), (10.0, 9.0), (9.0, 10.0), (10.0, 8.2), (8.2, 10.0), (5.0, 4.5))
            ),
        ]
    ),
    "gamma_quantile_guess": Table(
        [
            Case((z, mean, variance), gamma_quantile(z, mean, variance), "Wilson & Hilferty")
            for z in (-5.0, -2.3, 0.0, 1.6449)
            for mean, variance in ((0.5, 0.5), (3.0, 9.0), (200.0, 240.0))
        ],
        call="gamma_quantile_guess('a0', 'd')",
        around="list_transform([{'mean': a1, 'variance': a2}], lambda d: {})[1]",
    ),
    "count_distribution_at": Table(
        [
            Case(
                (k, mean, variance), count_tails(k + 1, mean, variance)[0] - count_tails(k, mean, variance)[0], "", 1e-9
            )
            for k, mean, variance in ((0.0, 2.0, 2.0), (1.0, 2.0, 2.0), (0.0, 2.0, 5.0), (7.0, 3.0, 9.0))
        ],
        call="count_distribution_at('x.k', 'x.d')",
        around="list_transform([{'k': a0, 'd': "
        + sql_of("count_distribution('a1', 'a2')")
        + "}], lambda x: ({}).next)[1]",
    ),
    "lead_time_demand_cdf": Table(
        [
            Case((0.0, 1.5, 1.5), math.exp(-1.5), "Poisson: none"),
            Case((2.0, 2.0, 2.0), 5 * math.exp(-2), "Poisson: 1 + 2 + 2^2 / 2"),
            Case((2.0, 2.0, 0.5), 5 * math.exp(-2), "a variance below the mean counts as Poisson"),
            Case((3.0, 1.0, 2.0), 1 - 0.5**4, "geometric: one success at one half"),
            Case((1.0, 4.0, 8.0), 6 * 0.5**5, "four successes at one half: (1 + 4 / 2) / 16"),
            Case((1.999, 4.0, 8.0), 6 * 0.5**5, "a fraction is the whole number below"),
            Case((-1.0, 4.0, 8.0), 0.0, "below zero"),
            Case((-1e-9, 4.0, 8.0), 0.0, "just below zero"),
            Case((0.0, 0.0, 0.0), 1.0, "no demand"),
            Case((0.0, 0.0, 5.0), 1.0, "no demand, whatever its variance"),
            Case((NULL, 0.0, 0.0), NULL, "an unknown quantity"),
            Case((1e18, 4.0, 8.0), 1.0, "far beyond"),
            *(Case(point, count_tails(*point)[0], "scipy", 1e-10) for point in COUNTS),
            *invalid_in_each_place((2.0, 4.0, 8.0), {1: (-1.0,), 2: (-1.0,)}),
        ]
    ),
    "stockout_probability": Table(
        [
            Case((0.0, 1.5, 1.5), 1 - math.exp(-1.5), "Poisson: any"),
            Case((3.0, 1.0, 2.0), 0.5**4, "geometric: one success at one half"),
            Case((-1.0, 4.0, 8.0), 1.0, "what is owed is missing"),
            Case((0.0, 0.0, 0.0), 0.0, "no demand"),
            Case((1e18, 4.0, 8.0), 0.0, "far beyond"),
            *(Case(point, count_tails(*point)[1], "scipy", 1e-10) for point in COUNTS),
            *invalid_in_each_place((2.0, 4.0, 8.0), {1: (-1.0,), 2: (-1.0,)}),
        ]
    ),
    "lead_time_demand_quantile": Table(
        [
            Case((0.98, 2.0, 2.0), 5.0, "Poisson table: F(4) = 0.9473, F(5) = 0.9834"),
            Case((0.9375, 1.0, 2.0), 3.0, "geometric, met exactly: 1 - 1 / 2^4"),
            Case((0.93750001, 1.0, 2.0), 4.0, "geometric, just missed"),
            Case((0.5, 40.0, 80.0), 39.0, "the median of 40 successes at one half, met exactly"),
            Case((0.95, 0.0, 0.0), 0.0, "no demand"),
            Case((0.95, 0.0, 9.0), 0.0, "no demand, whatever its variance"),
            Case((0.95, 0.05, 0.05), 0.0, "rare demand: F(0) = 0.9512"),
            Case((0.96, 0.05, 0.05), 1.0, "a little more service takes one unit"),
            Case((1e-300, 0.5, 0.5), 0.0, "the smallest level"),
            Case((0.95, 1e-300, 5.0), 0.0, "almost no demand"),
            *(Case(searched, smallest_reaching(*searched), "scipy") for searched in SEARCHED),
            *invalid_in_each_place((0.95, 4.0, 8.0), {0: (0.0, 1.0, 95.0), 1: (-1.0,), 2: (-1.0,)}),
        ]
    ),
    "demand_mean_over": Table(
        [
            Case((10.0, 16.0), 160.0, "10 x 16"),
            Case((10.0, 16.0, 1.0), 170.0, "10 x 17"),
            Case((0.0, 16.0, 1.0), 0.0, "no demand"),
            Case((10.0, 0.0), 0.0, "no lead time"),
            Case((10.0, 0.0, 0.0), 0.0, "no interval"),
            *invalid_in_each_place((10.0, 16.0, 1.0), {0: (-1.0,), 1: (-1.0,), 2: (-1.0,)}),
        ]
    ),
    "demand_std_over": Table(
        [
            Case((10.0, 3.0, 16.0), 12.0, "sqrt(16 x 9)"),
            Case((10.0, 3.0, 16.0, 2.0), math.sqrt(544), "16 x 9 + 100 x 4"),
            Case((10.0, 3.0, 16.0, 2.0, 1.0), math.sqrt(553), "the review period adds 9, not to the lead-time part"),
            Case(
                (2500.0, 500.0, 7.0, 7.0),
                17_550.0,
                "uncertain supplier, Chopra & Meindl, Supply Chain Management",
                1e-4,
            ),
            Case((10.0, 0.0, 16.0, 0.0), 0.0, "nothing varies"),
            Case((10.0, 3.0, 0.0), 0.0, "no interval"),
            *invalid_in_each_place((10.0, 3.0, 16.0, 2.0, 1.0), dict.fromkeys(range(5), (-1.0,))),
        ]
    ),
    "safety_stock": Table(
        [
            Case((10.0, 16.0, 3.0), 1.6448536269514722 * 12, "1.6449 x 12 = 19.74"),
            Case((2500.0, 2.0, 500.0, 0.9), 906.0, "1.2816 x 500 x sqrt(2)", 1e-3),
            Case((2500.0, 7.0, 500.0, 0.9, 7.0), 22_491.0, "uncertain supplier, Chopra & Meindl", 1e-4),
            Case((10.0, 16.0, 3.0, 0.95, 2.0, 1.0), 1.6448536269514722 * math.sqrt(553)),
            Case((10.0, 16.0, 3.0, 0.5), 0.0, "half the cycles may stock out"),
            Case((10.0, 16.0, 3.0, 0.05), -1.6448536269514722 * 12, "raw: the mart clamps it"),
            Case((10.0, 16.0, 0.0, 0.95), 0.0, "no deviation"),
            *invalid_in_each_place(
                (10.0, 16.0, 3.0, 0.95, 2.0, 1.0), {3: (0.0, 1.0, 95.0)} | dict.fromkeys((0, 1, 2, 4, 5), (-1.0,))
            ),
        ]
    ),
    "reorder_point": Table(
        [
            Case((10.0, 16.0, 3.0), 160 + 1.6448536269514722 * 12, "160 + 19.74"),
            Case((60.0, 6.0, 0.0, 0.9, 2.0), 513.8, "constant demand: 360 + 1.28 x 60 x 2, Heizer & Render", 5e-4),
            Case((10.0, 16.0, 3.0, 0.95, 2.0, 1.0), 170 + 1.6448536269514722 * math.sqrt(553)),
            Case((0.0, 16.0, 0.0), 0.0, "no demand"),
            Case((1e6, 365.0, 1e6), 365e6 + 1.6448536269514722e6 * math.sqrt(365), "a million a day"),
            *invalid_in_each_place(
                (10.0, 16.0, 3.0, 0.95, 2.0, 1.0), {3: (0.0, 1.0, 95.0)} | dict.fromkeys((0, 1, 2, 4, 5), (-1.0,))
            ),
        ]
    ),
    "legacy_reorder_point": Table(
        [
            Case((10.0, 16.0, 3.0), 183.52, "160 + 1.96 x 3 x 4"),
            Case((10.0, 0.0, 3.0), 0.0, "no lead time"),
            Case((0.0, 16.0, 0.0), 0.0, "no demand"),
            *invalid_in_each_place((10.0, 16.0, 3.0), dict.fromkeys(range(3), (-1.0,))),
        ]
    ),
    "fill_rate_safety_factor": Table(
        [
            Case((0.99, 200.0, 11.4), 0.58, "G(k) = 0.175, Silver, Pyke & Thomas", 1e-2),
            Case((0.99, 200.0, 50.0), 1.3602352471841, "G(k) = 0.04"),
            Case((1 - 0.08331547058768 / 4, 200.0, 50.0), 1.0, "G(1) = 0.0833", 1e-10),
            Case((0.9, 500.0, 10.0), -4.999999946538328, "a large lot fills enough by itself"),
            Case((0.99, 200.0, 0.0), 0.0, "constant demand needs none"),
            Case((0.99, 0.5, 0.0), 0.0, "however small the lot"),
            Case((0.99, 0.0, 50.0), NULL, "no lot"),
            Case((0.99, 0.0, 0.0), NULL, "no lot"),
            Case((99.0, 200.0, 0.0), NULL, "a percentage"),
            *invalid_in_each_place((0.99, 200.0, 50.0), {0: (0.0, 1.0, 99.0), 1: (-1.0,), 2: (-1.0,)}),
        ]
    ),
    "expected_shortage": Table(
        [
            Case((600.0, 500.0, 150 * math.sqrt(2)), 43.86, "printers, Chopra & Meindl, exercise on fill rate", 1e-3),
            Case((6000.0, 5000.0, 500 * math.sqrt(2)), 25.0, "personal computers, Chopra & Meindl", 1e-2),
            Case((10.0, 10.0, 3.0), 3 / math.sqrt(2 * math.pi), "at the mean: s x 0.3989"),
            Case((13.0, 10.0, 3.0), 3 * 0.08331547058768, "one deviation above"),
            Case((-5.0, 10.0, 0.0), 15.0, "constant demand"),
            Case((10.0, 4.0, 0.0), 0.0, "constant demand, covered"),
            Case((NULL, 4.0, 0.0), NULL),
            *invalid_in_each_place((13.0, 10.0, 3.0), {1: (-1.0,), 2: (-1.0,)}),
        ]
    ),
    "economic_order_quantity": Table(
        [
            Case((2400.0, 3.2, 0.24 * 0.4), 400.0, "sqrt(2 x 3.20 x 2400 / (0.24 x 0.40)), Silver, Pyke & Thomas"),
            Case((1000.0, 60.0, 3.0), 200.0),
            Case((0.0, 60.0, 3.0), 0.0, "no demand"),
            Case((1000.0, 0.0, 3.0), 0.0, "ordering costs nothing"),
            Case((1000.0, 60.0, 0.0), NULL, "holding costs nothing: the lot would be infinite"),
            *invalid_in_each_place((1000.0, 60.0, 3.0), dict.fromkeys(range(3), (-1.0,))),
        ]
    ),
    "cost_based_service_level": Table(
        [
            Case((0.25, 40.0, 30.0, 2.0, 100.0, 60.0, 4.0), 0.975, "1 - 0.25 x 40 x 30 x 2 / (100 x 60 x 4)"),
            Case((0.25, 40.0, 30.0, 2.0, 100.0, 60.0, 1.0), 0.9, "a quarter of the weight"),
            Case((0.25, 4000.0, 30.0, 2.0, 100.0, 60.0, 1.0), 0.5, "too dear: the lowest level"),
            Case((0.25, 0.01, 30.0, 2.0, 100.0, 60.0, 4.0), 0.999, "nearly free: the highest level"),
            Case((0.25, 4000.0, 30.0, 2.0, 100.0, 60.0, 1.0, 0.7), 0.7, "another lowest level"),
            Case((0.25, 0.01, 30.0, 2.0, 100.0, 60.0, 4.0, 0.7, 0.99), 0.99, "another highest level"),
            Case((0.0, 40.0, 30.0, 2.0, 100.0, 60.0, 4.0), 0.999, "holding costs nothing"),
            *invalid_in_each_place(
                (0.25, 40.0, 30.0, 2.0, 100.0, 60.0, 4.0),
                dict.fromkeys(range(4), (-1.0,)) | dict.fromkeys(range(4, 7), (0.0, -1.0)),
            ),
        ]
    ),
    "round_up_to_lot": Table(
        [
            Case((17.0, 1.0, 5.0), 20.0, "17 in packs of 5"),
            Case((20.0, 1.0, 5.0), 20.0, "exactly four packs"),
            Case((2.0, 15.0, 10.0), 20.0, "the minimum order is a pack and a half"),
            Case((2.1, 0.0, NULL), 3.0, "no pack size: whole units"),
            Case((2.1, 0.0, 0.0), 3.0, "a pack of zero is no pack"),
            Case((2.1, NULL, 0.5), 2.5, "half-metre packs, no minimum"),
            Case((0.1 + 0.2, 0.0, 0.1), 0.3, "three packs of a tenth, in binary"),
            Case((3.0000004, 0.0, 1.0), 3.0, "six decimals before the ceiling"),
            Case((3.0000006, 0.0, 1.0), 4.0, "and not five"),
            Case((3.00000044, 0.0, 1.0), 3.0, "nor seven"),
            Case((0.5, 0.0, NULL), 1.0, "less than a unit"),
            Case((0.0, 10.0, 5.0), 0.0, "nothing to order"),
            *(Case((value, 10.0, 5.0), NULL) for value in (NULL, NAN, INFINITY, -1.0)),
        ]
    ),
    "bounded": Table(
        [
            Case((5.0, 1.0, 9.0), 5.0),
            Case((0.0, 1.0, 9.0), 1.0),
            Case((10.0, 1.0, 9.0), 9.0),
            *(Case(a, NULL) for a in ((NULL, 1.0, 9.0), (5.0, NULL, 9.0), (5.0, 1.0, NULL))),
        ]
    ),
    "demand_class": Table(
        [
            Case((1.0, 0.0, 2.0), "smooth", "the steadiest demand"),
            Case((1.31, 0.48, 5.0), "smooth"),
            Case((1.31, 0.5, 5.0), "erratic"),
            Case((1.33, 0.48, 5.0), "intermittent"),
            Case((1.33, 0.5, 5.0), "lumpy"),
            Case((1.32, 0.49, 5.0), "lumpy", "a cut belongs to the upper side"),
            Case((1.32, 0.0, 5.0), "intermittent", "33 periods in 25"),
            Case((1.0, 0.49, 5.0), "erratic"),
            Case((1.3199999996, 0.4899999996, 5.0), "lumpy", "nine digits"),
            Case((1.319999996, 0.489999996, 5.0), "smooth", "not eight"),
            Case((1.3199999994, 0.4899999994, 5.0), "smooth", "nor a ceiling"),
            Case((1.32, 0.489999996, 5.0), "intermittent"),
            Case((1.319999996, 0.49, 5.0), "erratic"),
            Case((1.5, 0.4, 5.0, 1.6), "smooth", "another cut"),
            Case((1.0, 0.4, 5.0, 1.6, 0.3), "erratic", "another cut"),
            Case((5.0, NULL, 1.0), "insufficient", "one demand has no variance"),
            Case((NULL, NULL, 0.0), "insufficient", "no demand"),
            Case((1e6, 1e6, 5.0), "lumpy", "extreme"),
            Case((0.999, 0.0, 5.0), NULL, "more periods with demand than periods"),
            Case((5.0, NULL, 2.0), NULL, "two demands have a variance"),
            Case((NULL, 0.2, 2.0), NULL),
            *invalid_in_each_place((1.0, 0.2, 5.0), {0: (0.9, -1.0), 1: (-0.1,), 2: (-1.0,)}),
        ]
    ),
    "abc_class": Table(
        [
            Case((0.0, 9e6), "A", "the first item, however large"),
            Case((0.79, 10.0), "A"),
            Case((0.8, 10.0), "B", "eighty per cent are already held"),
            Case((0.94, 10.0), "B"),
            Case((0.95, 10.0), "C"),
            Case((1.0, 10.0), "C"),
            Case((0.7999999996, 10.0), "B", "nine digits"),
            Case((0.799999996, 10.0), "A", "not eight"),
            Case((0.7999999994, 10.0), "A", "nor a ceiling"),
            Case((0.9499999996, 10.0), "C", "nine digits"),
            Case((0.949999996, 10.0), "B", "not eight"),
            Case((0.9499999994, 10.0), "B", "nor a ceiling"),
            Case((1.0000000004, 10.0), "C", "shares that add up to a speck over one"),
            Case((1.000000004, 10.0), NULL, "not a share"),
            Case((0.0, 0.0), "C", "no value, no weight"),
            Case((NULL, 0.0), "C"),
            Case((0.75, 10.0, 0.7), "B", "another cut"),
            Case((0.75, 10.0, 0.5, 0.7), "C", "another cut"),
            Case((0.2, 1e-9), "A", "value, however small"),
            *invalid_in_each_place((0.5, 10.0), {0: (-0.1, 1.1), 1: (-1.0,)}),
        ]
    ),
    "xyz_class": Table(
        [
            Case((0.0,), "X"),
            Case((0.5,), "X", "a cut belongs to the lower side"),
            Case((0.51,), "Y"),
            Case((1.0,), "Y"),
            Case((1.01,), "Z"),
            Case((0.5000000004,), "X", "nine digits"),
            Case((0.500000004,), "Y", "not eight"),
            Case((0.5000000006,), "Y", "nor a floor"),
            Case((1.0000000004,), "Y", "nine digits"),
            Case((1.000000004,), "Z", "not eight"),
            Case((1.0000000006,), "Z", "nor a floor"),
            Case((1e300,), "Z"),
            Case((0.6, 0.7), "X", "another cut"),
            Case((1.4, 0.7, 1.5), "Y", "another cut"),
            Case((NULL,), "Z", "without demand nothing is steady"),
            *(Case((value,), NULL) for value in (-0.1, NAN, INFINITY, -INFINITY)),
        ]
    ),
    "days_of_cover": Table(
        [
            Case((10.0, 4.0), 2.5),
            Case((0.0, 4.0), 0.0, "nothing on hand"),
            Case((-8.0, 4.0), 0.0, "what is owed covers no day"),
            Case((10.0, 0.0), NULL, "no demand: not infinite"),
            Case((0.0, 0.0), NULL, "no demand: not zero"),
            Case((1e9, 1e-9), 1e18),
            *invalid_in_each_place((10.0, 4.0), {1: (-1.0,)}),
        ]
    ),
    "undershoot_mean": Table(
        [
            Case((2.0, 5.0), 1.25, "sizes 1 and 3: 5 / 4"),
            Case((1.0, 1.0), 0.5, "units"),
            Case((0.0, 0.0), NULL, "no demand"),
            *invalid_in_each_place((2.0, 5.0), {0: (-1.0,), 1: (-1.0,)}),
        ]
    ),
    "undershoot_variance": Table(
        [
            Case((2.0, 5.0, 14.0), 14 / 6 - 1.25**2, "sizes 1 and 3"),
            Case((1.0, 1.0, 1.0), 1 / 12, "a uniform"),
            Case((0.0, 0.0, 0.0), NULL, "no demand"),
            Case((1.0, 2.0, 1.0), NULL, "moments of nothing"),
            *invalid_in_each_place((2.0, 5.0, 14.0), {0: (-1.0,), 1: (-1.0,), 2: (-1.0,)}),
        ]
    ),
    "pooling_safety_stock": Table(
        [
            Case((0.9, 5.0, 2.0, 4.0), 18.12, "four dealers into one, Chopra & Meindl", 1e-3),
            Case((0.9, 5.0, 2.0, 4.0, 1.0), 36.25, "moving together they save nothing", 1e-3),
            Case((0.95, 3.0, 16.0, 1.0), 1.6448536269514722 * 12, "one location"),
            Case((0.95, 3.0, 16.0, 1.0, 1.0), 1.6448536269514722 * 12, "one location correlates with nothing"),
            Case((0.95, 3.0, 16.0, 4.0, 0.5), 1.6448536269514722 * math.sqrt(16 * (4 * 9 + 12 * 4.5))),
            Case((0.95, 3.0, 16.0, 2.0, -1.0), 0.0, "two that cancel"),
            Case((0.95, 3.0, 16.0, 4.0, -0.3), 1.6448536269514722 * math.sqrt(16 * (4 * 9 - 12 * 2.7))),
            Case((0.95, 3.0, 16.0, 4.0, -0.4), NULL, "nor oppose each other that much"),
            Case((0.95, 3.0, 16.0, 4.0, -0.5), NULL, "four cannot all oppose each other"),
            Case((0.95, 0.0, 16.0, 4.0), 0.0, "no deviation"),
            Case((0.95, 3.0, 0.0, 4.0), 0.0, "no lead time"),
            *invalid_in_each_place(
                (0.95, 3.0, 16.0, 4.0, 0.5),
                {0: (0.0, 1.0, 95.0), 1: (-1.0,), 2: (-1.0,), 3: (0.0, 0.5, -1.0), 4: (1.1, -1.1)},
            ),
        ]
    ),
    "wape": Table(
        samples=[
            Sample(((10.0, 8.5), (0.0, 2.0), (4.0, 5.0)), 4.5 / 14, "(1.5 + 2 + 1) / (10 + 0 + 4)"),
            Sample(((10.0, 8.5), (5.0, NULL), (NULL, 5.0)), 0.15, "only rows with both"),
            Sample(((-4.0, -3.0), (6.0, 6.0)), 0.1, "a return weighs by its size"),
            Sample(((7.0, 7.0),), 0.0, "right"),
            Sample(((0.0, 2.0), (0.0, 3.0)), NULL, "nothing happened"),
            *(Sample(((7.0, 6.0), (7.0, value)), NULL) for value in (NAN, INFINITY, -INFINITY)),
            *(Sample(((7.0, 6.0), (value, 7.0)), NULL) for value in (NAN, INFINITY, -INFINITY)),
            Sample(((NULL, NULL),), NULL, "no rows"),
        ]
    ),
    "mase": Table(
        samples=[
            Sample(((10.0, 8.5, 4.0), (0.0, 2.0, 1.0)), (0.375 + 2) / 2, "two series"),
            Sample(((10.0, 8.5, 3.0), (9.0, 12.0, 3.0)), 0.75, "2.25 / 3"),
            Sample(((10.0, 8.5, 3.0), (9.0, NULL, 3.0), (NULL, 1.0, 3.0), (1.0, 9.0, NULL)), 0.5, "only rows with all"),
            Sample(
                ((10.0, 8.5, 3.0), (1.0, 9.0, 0.0), (1.0, 9.0, -3.0)),
                0.5,
                "a naive forecast without error has no scale",
            ),
            Sample(((10.0, 8.5, 0.0),), NULL, "no scale"),
            *(Sample(((7.0, 6.0, 1.0), (7.0, value, 1.0)), NULL) for value in (NAN, INFINITY)),
            Sample(((NULL, NULL, NULL),), NULL, "no rows"),
        ]
    ),
    "rmsse": Table(
        samples=[
            Sample(((10.0, 8.0, 4.0), (0.0, 3.0, 1.0)), math.sqrt(5), "sqrt((1 + 9) / 2)"),
            Sample(((9.0, 6.0, 9.0), (9.0, NULL, 3.0), (NULL, 1.0, 3.0), (1.0, 9.0, NULL)), 1.0, "only rows with all"),
            Sample(((9.0, 6.0, 9.0), (1.0, 9.0, 0.0), (1.0, 9.0, -3.0)), 1.0, "no scale, no row"),
            Sample(((10.0, 8.5, 0.0),), NULL, "no scale"),
            *(Sample(((7.0, 6.0, 1.0), (7.0, value, 1.0)), NULL) for value in (NAN, INFINITY)),
            Sample(((NULL, NULL, NULL),), NULL, "no rows"),
        ]
    ),
    "pinball_loss": Table(
        samples=[
            Sample(((10.0, 8.0, 0.9),), 1.8, "0.9 x 2 missing"),
            Sample(((8.0, 10.0, 0.9),), 0.2, "0.1 x 2 left"),
            Sample(((10.0, 8.0, 0.9), (8.0, 10.0, 0.9)), 1.0, "their mean"),
            Sample(((8.5, 8.0, 0.9),), 0.45, "half a unit missing"),
            Sample(((8.0, 8.5, 0.9),), 0.05, "half a unit left"),
            Sample(((8.0, 8.0, 0.9),), 0.0, "met"),
            Sample(((10.0, 8.0, 0.9), (10.0, NULL, 0.9), (NULL, 8.0, 0.9)), 1.8, "only rows with both"),
            *(Sample(((10.0, 8.0, level),), NULL) for level in (NULL, 0.0, 1.0, 90.0)),
            *(Sample(((7.0, 6.0, 0.9), (7.0, value, 0.9)), NULL) for value in (NAN, INFINITY)),
            Sample(((NULL, NULL, NULL),), NULL, "no rows"),
        ]
    ),
    "quantile_loss": Table(
        samples=[
            Sample(
                ((10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0),),
                (0.5 * 1 + 0.8 * 2 + 0.9 * 3 + 0.95 * 4 + 0.98 * 5 + 0.99 * 6) / 6,
                "every quantile is too low",
            ),
            Sample(
                ((1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0),),
                (0.5 * 1 + 0.2 * 3 + 0.1 * 5 + 0.05 * 7 + 0.02 * 9 + 0.01 * 11) / 6,
                "every quantile is too high",
            ),
            Sample(((1.0, 2.0, 4.0, NULL, 8.0, 10.0, 12.0),), NULL, "a quantile is missing"),
            Sample(((NULL, NULL, NULL, NULL, NULL, NULL, NULL),), NULL, "no rows"),
        ]
    ),
    "forecast_quantile": Table(
        cases=[
            *(Case((z, *LEVELS), between_levels(z), f"z = {z}") for z in (0.0, 0.4, 1.0, 1.5, 1.9, 2.2, 3.0, 8.0)),
            *(
                Case((knot + shift, *LEVELS), between_levels(knot + shift), "beside a published quantile")
                for knot in KNOTS[1:5]
                for shift in (-4e-7, 0.0, 4e-7)
            ),
            Case((5e-7, *LEVELS), between_levels(5e-7), "just above the median"),
            Case((7.999996, *LEVELS), between_levels(7.999996), "just inside"),
            *(Case((z, *LEVELS), NULL, "no quantile of a plan") for z in (-5e-7, -1.0, 8.000004, NULL, NAN, INFINITY)),
            Case((1.0, 10.0, NULL, 15.0, 20.0, 30.0, 50.0), NULL, "the quantile below is missing"),
        ]
    ),
    "forecast_reorder_point": Table(
        cases=[
            Case((30.0, 40.0, 1.5, 2.0, 9.0, 2.0), 22 + math.sqrt(100 / 1.5 + 4 * 9), "20 + 2 + both in quadrature"),
            Case((30.0, 20.0, 1.5, 2.0, 9.0, 2.0), 28.0, "a quantile below the mean asks for no safety"),
            Case((30.0, 20.0, 1.5, 2.0, 0.0, 2.0), 22.0, "nothing is uncertain"),
            Case((30.0, 30.0, 1.5, 2.0, 9.0, 2.0), 28.0, "the quantile is the mean"),
            Case((0.0, 0.0, 1.5, 0.0, 0.0, 0.0), 0.0, "nothing is asked for"),
            Case((30.0, 40.0, 0.0, 2.0, 9.0, 2.0), NULL, "a horizon of no length"),
            Case((30.0, 40.0, 1.0, 2.0, 9.0, 2.0), 32 + math.sqrt(100 + 4 * 9), "a horizon of one interval"),
            *(
                Case((*arguments[:i], value, *arguments[i + 1 :]), NULL, f"argument {i + 1} is {value}")
                for arguments in [(30.0, 40.0, 1.5, 2.0, 9.0, 2.0)]
                for i in range(5)
                for value in (NULL, NAN, INFINITY, -1.0)
            ),
            Case((30.0, 40.0, 1.5, 2.0, 9.0, NULL), NULL, "no service level"),
        ]
    ),
    "tracking_signal": Table(
        samples=[
            Sample(((10.0, 8.0), (10.0, 9.0), (10.0, 13.0)), 0.0, "2 + 1 - 3"),
            Sample(((10.0, 8.0), (10.0, 9.0), (10.0, 9.0)), 3.0, "always low: as many as there are errors"),
            Sample(((10.0, 12.0), (10.0, 11.0)), -2.0, "always high"),
            Sample(((10.0, 6.0), (10.0, 12.0), (5.0, NULL), (NULL, 5.0)), 2 / 3, "only rows with both: 2 / 3"),
            Sample(((10.0, 10.0),), NULL, "no error to compare with"),
            *(Sample(((7.0, 6.0), (7.0, value)), NULL) for value in (NAN, INFINITY)),
            Sample(((NULL, NULL),), NULL, "no rows"),
        ]
    ),
}
