"""Lead times measured by the warehouse's rule, against the laws that the generator drew them from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pytest

from simulator.assumptions import (
    IMPORT_CURRENCY_EFFECT,
    IMPORT_LEAD_TIME_FACTOR,
    PROCESSING_LOG_MEAN_DAYS,
    PROCESSING_LOG_SD,
    SPLIT_RECEIPT_SHARE,
)
from simulator.clock import day_of, local_days
from simulator.company import DEFAULT_SEED
from simulator.economy import Economy
from simulator.generator import Company, generate

Numbers = npt.NDArray[Any]

MINIMUM_RECEIPTS = 30
TOLERANCE = 0.10
# A delivery waits for the hour at which goods are taken in, on average half a day; the rest of a split one comes three
# to fifteen days after the first and waits again.
WAIT_DAYS = 0.5
SPLIT_DAYS = 3 + 12 / 2 + WAIT_DAYS

# What int_supply__follow_order_lines and int_supply__measure_lead_times do, over the ERP's own tables: request to last
# receipt of completed lines that were not ordered before they were requested, of the last 730 days.
MEASURE = f"""
    with received as (
        select purchase_order_line_id, max((received_at at time zone 'America/Bahia')::date) as received_on
        from receipts
        group by all
    )

    select
        orders.supplier_id,
        list(orders.purchase_order_line_id - 1 order by orders.purchase_order_line_id) as rows,
        avg(received.received_on - (orders.requested_at at time zone 'America/Bahia')::date) as mean_days
    from purchase_orders as orders
    inner join received using (purchase_order_line_id)
    where
        orders.status = 'received'
        and orders.ordered_at >= orders.requested_at
        and (orders.requested_at at time zone 'America/Bahia')::date > $last_day - 730
    group by orders.supplier_id
    having count(*) >= {MINIMUM_RECEIPTS}
    order by orders.supplier_id
"""


@dataclass(frozen=True)
class Measured:
    """Lead times of suppliers with enough receipts, indexed alike: measured and true means, and what chance explains.

    Attributes:
        means: Measured means, days.
        truths: Means of the laws that the same orders were drawn from, days.
        errors: Standard errors of the measured means under these laws, days.
    """

    means: Numbers
    truths: Numbers
    errors: Numbers

    def deviations(self) -> Numbers:
        """Measured against true mean, as fractions of the truth."""
        fractions: Numbers = np.abs(self.means / self.truths - 1)
        return fractions

    def scores(self) -> Numbers:
        """Measured less true mean, in standard errors."""
        scores: Numbers = (self.means - self.truths) / self.errors
        return scores


def true_law(company: Company) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation of the lead time that every order line was drawn from, days."""
    history, orders = company.history, company.history.supply.orders
    items, suppliers = history.items, history.suppliers
    economy = Economy(history.setting.seed, stress=history.setting.stress)
    item = orders.series // history.setting.locations
    delays = {day: economy.import_delay_factor(day_of(day), IMPORT_CURRENCY_EFFECT) for day in _days(orders.requested)}
    abroad = IMPORT_LEAD_TIME_FACTOR * np.array([delays[day] for day in local_days(orders.requested).tolist()])
    transit = suppliers.mean_days[orders.supplier] * np.where(items.is_import[item], abroad, 1.0)
    variance = PROCESSING_LOG_SD**2
    processing = PROCESSING_LOG_MEAN_DAYS * np.exp(variance / 2)
    split_share = np.where(orders.quantity >= 2, SPLIT_RECEIPT_SHARE, 0.0)
    mean = processing + transit + WAIT_DAYS + split_share * SPLIT_DAYS
    deviation = np.sqrt(
        processing**2 * np.expm1(variance)
        + (transit * suppliers.cv[orders.supplier]) ** 2
        + split_share * (SPLIT_DAYS**2 + 12) - (split_share * SPLIT_DAYS) ** 2
    )  # fmt: skip
    return mean, deviation


def _days(moments: Numbers) -> set[int]:
    return set(local_days(moments).tolist())


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Four years of the demonstration company, measured by the warehouse's rule and held against its laws."""
    company = generate("demo", DEFAULT_SEED, date(2022, 6, 15), date(2026, 6, 14))
    with duckdb.connect() as engine:
        engine.execute("set timezone = 'UTC'")
        for name in ("purchase_orders", "receipts"):
            engine.register(name, company.erp[name])
        groups = engine.execute(MEASURE, {"last_day": company.until}).fetchall()
    mean, deviation = true_law(company)
    return Measured(
        means=np.array([measured_mean for _, _, measured_mean in groups]),
        truths=np.array([mean[rows].mean() for _, rows, _ in groups]),
        errors=np.array([np.sqrt((deviation[rows] ** 2).sum()) / len(rows) for _, rows, _ in groups]),
    )


def test_lead_times_of_suppliers_are_measured_without_bias(measured: Measured) -> None:
    scores = measured.scores()

    assert len(scores) > 50
    assert abs(scores.mean()) < 3 / np.sqrt(len(scores))
    assert np.abs(scores).max() < 4


def test_as_many_suppliers_are_within_a_tenth_of_the_truth_as_chance_allows(measured: Measured) -> None:
    """Thirty receipts do not bring every mean within 10 %: sampling alone leaves some outside. On average all do."""
    deviations = measured.deviations()
    reach = TOLERANCE * measured.truths / measured.errors
    chances = np.array([2 * NormalDist().cdf(errors) - 1 for errors in reach])
    spread = np.sqrt((chances * (1 - chances)).sum())

    assert deviations.mean() < TOLERANCE / 2
    assert (deviations <= TOLERANCE).sum() > chances.sum() - 3 * spread
