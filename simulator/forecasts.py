"""What the company's forecasting environment delivers: one Parquet file per model and origin, by plain statistics.

Two models. `moving_average` takes the trailing year, the season of the year before and the spread of the sums that
really occurred over windows as long as the forecast. `exponential_smoothing` is deliberately too sure of itself: its
spread is that of a calm process, which this demand is not. Both know nothing after the last moment of the origin.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.clock import MICROSECONDS_A_DAY, MICROSECONDS_AN_HOUR, NEVER, day_number, day_of, local_midnight
from simulator.demand import CANCELLED, NORMAL
from simulator.generator import Company, Report, no_report
from simulator.history import History
from simulator.streams import Floats, Ints

ORIGINS = 7  # first days of months: the days as of which the platform keeps its own parameters
LEAST_HISTORY_DAYS = 90
WINDOW_DAYS = 365
REVIEW_DAYS = 1
GENERATED_AFTER_HOURS = 4  # of the night that ends the origin
SMOOTHING = 0.15  # of the newest week
CALM_DISPERSION = 0.5  # variance / mean of a process calmer than chance
SEASON_BOUNDS = (0.6, 1.7)
SMALLEST_SHAPE = 1e-3
# Standard normal deviates; the interval is the middle 80 %.
DEVIATES = {"q50": 0.0, "q80": 0.84162, "q90": 1.28155, "q95": 1.64485, "q98": 2.05375, "q99": 2.32635}
INTERVAL_DEVIATE = 1.28155


def write_forecasts(company: Company, folder: Path, report: Report = no_report) -> None:
    """Write the files of the newest months that are not there yet; what was delivered is never changed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for origin in month_starts(company.first_day, company.until):
        targets = {model: folder / f"{model}_{origin}.parquet" for model in MODELS}
        if all(target.exists() for target in targets.values()):
            continue
        for model, target in targets.items():
            rows = forecast(company.history, origin, model)
            draft = target.with_suffix(".parquet.tmp")
            pq.write_table(rows, draft, compression="zstd")
            draft.replace(target)
            written += rows.num_rows
    report(f"{written:>10,} forecasts written")


def month_starts(first_day: date, until: date) -> list[date]:
    """The newest first days of months that have enough history before them, oldest first."""
    starts: list[date] = []
    start = until.replace(day=1)
    while len(starts) < ORIGINS and (start - first_day).days >= LEAST_HISTORY_DAYS:
        starts.append(start)
        start = (start - timedelta(days=1)).replace(day=1)
    return starts[::-1]


def forecast(history: History, origin: date, model: str) -> pa.Table:
    """Forecast the demand over each series' protection interval as of the end of a day.

    Args:
        history: The company; what it holds after the origin is not looked at.
        origin: Last day known.
        model: A name in `MODELS`.
    """
    last = day_number(origin)
    first = max(history.setting.first_day, last - 2 * WINDOW_DAYS + 1)
    daily = daily_demand(history, first, last)
    window = daily[:, -WINDOW_DAYS:]
    series = np.flatnonzero(window.any(axis=1))
    days = protection_days(history, last)[series]
    mean, variance = MODELS[model](history, daily[series], series, days)
    return pa.table(
        {**_key(history, origin, series, days), **_units(mean, variance), **_provenance(origin, model, len(series))}
    )


def daily_demand(history: History, first: int, last: int) -> Floats:
    """Units asked by series and day, from `first` to `last`, as known at the end of `last`."""
    lines = history.lines
    is_demand = (lines.kind == NORMAL) | ((lines.kind == CANCELLED) & (lines.settled >= local_midnight(last + 1)))
    known = is_demand & (lines.series >= 0) & (lines.day >= first) & (lines.day <= last)
    span, count = last - first + 1, len(history.items.ids) * history.setting.locations
    places = lines.series[known] * span + lines.day[known] - first
    units = np.bincount(places, lines.quantity[known], minlength=count * span)
    return units.reshape(count, span).astype(np.float64)


def protection_days(history: History, last: int) -> Ints:
    """Days from a review to the receipt, by series: the supplier's mean over what has come in, or its promise."""
    orders, items = history.supply.orders, history.items
    received = (orders.last_receipt < local_midnight(last + 1)) & (orders.cancelled == NEVER)
    took = (orders.last_receipt - orders.requested)[received] / MICROSECONDS_A_DAY
    count = len(history.suppliers.mean_days)
    receipts = np.bincount(orders.supplier[received], minlength=count)
    total = np.bincount(orders.supplier[received], took, minlength=count)
    measured = (total / np.maximum(receipts, 1))[items.supplier]
    promised = items.lead_time_by_day[last - history.setting.first_day]
    lead = np.where(receipts[items.supplier] > 0, measured, promised)
    return np.repeat(np.ceil(lead).astype(np.int64) + REVIEW_DAYS, history.setting.locations)


def _moving_average(history: History, daily: Floats, series: Ints, days: Ints) -> tuple[Floats, Floats]:
    """Trailing mean times the season of the year before; the variance of sums over windows of the same length."""
    window = daily[:, -WINDOW_DAYS:]
    mean = window.mean(axis=1) * days * _season(history, daily, series, days)
    running = np.concatenate([np.zeros((len(series), 1)), window.cumsum(axis=1)], axis=1)
    variance = window.var(axis=1, ddof=1) * days
    for length in np.unique(days):
        if 2 * length < window.shape[1]:
            rows = days == length
            sums = running[rows, length:] - running[rows, :-length]
            variance[rows] = np.maximum(variance[rows], sums.var(axis=1))
    # the mean itself is uncertain: it was measured over one window
    return mean, variance * (1 + days / window.shape[1])


def _season(history: History, daily: Floats, series: Ints, days: Ints) -> Floats:
    """Demand of the category over the same days a year ago against its mean of that year; 1 without that year."""
    if daily.shape[1] < 2 * WINDOW_DAYS:
        return np.ones(len(series))
    categories = history.items.category[series // history.setting.locations]
    season = np.ones(len(series))
    for category in np.unique(categories):
        rows = categories == category
        total = daily[rows].sum(axis=0)
        usual = total[:WINDOW_DAYS].mean()
        running = np.concatenate([[0.0], total[WINDOW_DAYS:].cumsum()])
        if usual > 0:
            season[rows] = np.clip(running[days[rows]] / days[rows] / usual, *SEASON_BOUNDS)
    return season


def _exponential_smoothing(history: History, daily: Floats, series: Ints, days: Ints) -> tuple[Floats, Floats]:
    """Weekly exponential smoothing, with the spread of a process calmer than chance."""
    del history, series
    weeks = daily.shape[1] // 7
    weekly = daily[:, daily.shape[1] - 7 * weeks :].reshape(len(daily), weeks, 7).sum(axis=2)
    level = weekly[:, : max(weeks // 2, 1)].mean(axis=1)
    for week in range(max(weeks // 2, 1), weeks):
        level = SMOOTHING * weekly[:, week] + (1 - SMOOTHING) * level
    mean = level * days / 7
    return mean, mean * CALM_DISPERSION


MODELS = {"moving_average": _moving_average, "exponential_smoothing": _exponential_smoothing}


def gamma_quantile(mean: Floats, variance: Floats, deviate: float) -> Floats:
    """Quantile of whole units by a gamma of the same moments (Wilson and Hilferty), half a unit for continuity."""
    shape = np.maximum(mean**2 / np.maximum(variance, 1e-12), SMALLEST_SHAPE)
    cube = np.maximum(1 - 1 / (9 * shape) + deviate / (3 * np.sqrt(shape)), 0) ** 3
    units: Floats = np.maximum(np.ceil(mean * cube - 0.5), 0)
    return units


def _key(history: History, origin: date, series: Ints, days: Ints) -> dict[str, pa.Array]:
    locations = history.setting.locations
    return {
        "item_id": pa.array([history.items.ids[place // locations] for place in series], pa.string()),
        "location_id": pa.array([history.network.location_ids[place % locations] for place in series], pa.string()),
        "origin_date": pa.array([origin] * len(series), pa.date32()),
        "target_date": pa.array([day_of(day_number(origin) + ahead) for ahead in days], pa.date32()),
        "horizon_days": pa.array(days, pa.int32()),
    }


def _units(mean: Floats, variance: Floats) -> dict[str, Floats]:
    quantiles = [gamma_quantile(mean, variance, deviate) for deviate in DEVIATES.values()]
    mean = np.round(mean, 3)
    return {
        "forecasted_demand": mean,
        "ci_lower": np.minimum(gamma_quantile(mean, variance, -INTERVAL_DEVIATE), mean),
        "ci_upper": np.maximum(gamma_quantile(mean, variance, INTERVAL_DEVIATE), mean),
        **dict(zip(DEVIATES, quantiles, strict=True)),
    }


def _provenance(origin: date, model: str, count: int) -> dict[str, pa.Array]:
    generated = local_midnight(day_number(origin) + 1) + GENERATED_AFTER_HOURS * MICROSECONDS_AN_HOUR
    return {
        "model_version": pa.array(["1.0.0"] * count),
        "generated_at": pa.array([generated] * count, pa.int64()).cast(pa.timestamp("us", tz="UTC")),
        "source": pa.array([model] * count),
        "dataset_id": pa.array([f"erp-{origin}"] * count),
    }
