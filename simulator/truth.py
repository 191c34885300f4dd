"""The truth behind the company, for judging policies: written beside the lake, never served and never a source.

Quantiles of demand over lead time + 1 day are simulated under the base rate with the monthly burst, without weather,
season and roll-out, which move around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.assumptions import (
    BURST_SHAPE,
    IMPORT_LEAD_TIME_FACTOR,
    LOGNORMAL_SIZE_SD,
    PROCESSING_LOG_MEAN_DAYS,
    PROCESSING_LOG_SD,
    WORKING_SHARE,
)
from simulator.catalogue import GEOMETRIC, LOGNORMAL, SIZE_LAW_NAMES, UNIT, Items
from simulator.generator import Company, Report, no_report
from simulator.history import History
from simulator.streams import Floats, Ints, Stream, keyed

SERIES_PER_CHUNK = 500
ADI_CUT, CV2_CUT = 1.32, 0.49
QUANTILES = (0.90, 0.95, 0.98)


def write_truth(company: Company, folder: Path, report: Report = no_report) -> None:
    """Write `series.parquet`: one row per item and location."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "series.parquet"
    draft = target.with_suffix(".parquet.tmp")
    pq.write_table(truth_table(company.history), draft, compression="zstd")
    draft.replace(target)
    report(f"truth of {len(company.history.supply.opening):,} series written")


def attained_service(history: History, reorder_point: Floats) -> Floats:
    """How often a reorder point covers the true demand over lead time + 1 day.

    Args:
        history: The company.
        reorder_point: Units, by series (item-major, as in `truth_table`).

    Returns:
        Share of the simulated cycles without a stockout, by series.
    """
    return np.concatenate([(units <= reorder_point[rows, None]).mean(axis=1) for rows, units in _cycles(history)])


def truth_table(history: History) -> pa.Table:
    """Rate, class, size law, lead-time law and true quantiles of demand over L + 1 of every item and location."""
    items, locations = history.items, history.setting.locations
    item, effective = _series_items(history)
    mean, cv = _lead_times(history, item)
    quantiles = np.concatenate(
        [np.quantile(units, QUANTILES, axis=1, method="higher").T for _, units in _cycles(history)]
    )
    return pa.table(
        {
            "item_id": pa.array([items.ids[i] for i in item]),
            "location_id": pa.array([history.network.location_ids[i % locations] for i in range(len(item))]),
            "lambda_lines_per_day": items.rate.reshape(-1),
            "is_preventive": items.is_preventive[item],
            "demand_class": _classes(items, item, effective),
            "size_law": pa.array([SIZE_LAW_NAMES[law] for law in items.size_law[item]]),
            "size_parameter": items.size_parameter[item],
            "mean_line_units": items.mean_size()[item],
            "processing_log_mean_days": np.full(len(item), np.log(PROCESSING_LOG_MEAN_DAYS)),
            "processing_log_sd": np.full(len(item), PROCESSING_LOG_SD),
            "supplier_lead_time_mean_days": mean,
            "supplier_lead_time_cv": cv,
            "is_import": items.is_import[item],
            **{f"q{round(q * 100)}_units": quantiles[:, i] for i, q in enumerate(QUANTILES)},
        }
    )


def _series_items(history: History) -> tuple[Ints, Floats]:
    """Item and lines per day of every series."""
    items = history.items
    item = np.repeat(np.arange(len(items.ids)), history.setting.locations)
    rate = items.rate.reshape(-1)
    return item, np.where(items.is_preventive[item], rate * WORKING_SHARE, rate)


def _lead_times(history: History, item: Ints) -> tuple[Floats, Floats]:
    """Mean (days) and coefficient of variation of the supplier's part of the lead time, by series."""
    items, suppliers = history.items, history.suppliers
    supplier = items.supplier[item]
    factor = np.where(items.is_import[item], IMPORT_LEAD_TIME_FACTOR, 1.0)
    return suppliers.mean_days[supplier] * factor, suppliers.cv[supplier]


def _cycles(history: History) -> Iterator[tuple[slice, Floats]]:
    """Demand over lead time + 1 day in units: for some series at a time, one row a series, one column a draw."""
    items, draws = history.items, history.setting.size.truth_draws
    item, rate = _series_items(history)
    mean, cv = _lead_times(history, item)
    for start in range(0, len(item), SERIES_PER_CHUNK):
        rows = slice(start, min(start + SERIES_PER_CHUNK, len(item)))
        random = keyed(history.setting.seed, Stream.TRUTH, start)
        shape = (rows.stop - start, draws)
        processing = PROCESSING_LOG_MEAN_DAYS * np.exp(PROCESSING_LOG_SD * random.standard_normal(shape))
        alpha = 1 / cv[rows, None] ** 2
        lead = processing + random.standard_gamma(np.broadcast_to(alpha, shape)) * mean[rows, None] / alpha
        burst = random.gamma(BURST_SHAPE, 1 / BURST_SHAPE, shape)
        lines = random.poisson(rate[rows, None] * (lead + 1) * burst)
        yield rows, _total_units(items, item[rows], lines, random)


def _total_units(items: Items, item: Ints, lines: Ints, random: np.random.Generator) -> Floats:
    """Units of so many lines: sums of geometrics are negative binomial, lognormals are drawn one by one."""
    units = lines.astype(np.float64)
    geometric = np.flatnonzero(items.size_law[item] == GEOMETRIC)
    some = np.maximum(lines[geometric], 1)
    extra = random.negative_binomial(some, items.size_parameter[item[geometric]][:, None])
    units[geometric] += np.where(lines[geometric] > 0, extra, 0)
    for row in np.flatnonzero(items.size_law[item] == LOGNORMAL):
        counts = lines[row]
        sizes = np.ceil(
            items.size_parameter[item[row]] * np.exp(LOGNORMAL_SIZE_SD * random.standard_normal(counts.sum()))
        )
        owner = np.repeat(np.arange(len(counts)), counts)
        units[row] = np.bincount(owner, sizes, minlength=len(counts))
    return units


def _classes(items: Items, item: Ints, rate: Floats) -> list[str]:
    """Demand class by the true laws: mean interval between days with demand, squared CV of the size of a line."""
    interval = 1 / -np.expm1(-rate)
    law, parameter = items.size_law[item], items.size_parameter[item]
    squared = np.select(
        [law == UNIT, law == GEOMETRIC], [np.zeros(len(item)), 1 - parameter], np.expm1(LOGNORMAL_SIZE_SD**2)
    )
    names = np.select(
        [(interval < ADI_CUT) & (squared < CV2_CUT), interval < ADI_CUT, squared < CV2_CUT],
        ["smooth", "erratic", "intermittent"],
        "lumpy",
    )
    return [str(name) for name in names]
