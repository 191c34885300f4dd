"""What each source promises: one seed that dbt publishes with gold, and by which Dagster judges the assets."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import dagster as dg

from orchestration.platform import CHECKOUT

SEED = CHECKOUT / "seeds" / "freshness_promises.csv"


@dataclass(frozen=True)
class Promise:
    """How often a source is read, and how old its data may be; None where nothing is promised.

    Attributes:
        read_within: Time within which the source is read again, new data or not.
        expected_age_days: Age of its latest data from which a reader should ask.
    """

    read_within: timedelta | None
    expected_age_days: int | None


@cache
def promises() -> dict[str, Promise]:
    """The promises by source."""
    with SEED.open(encoding="utf-8", newline="") as lines:
        return {
            row["source_name"]: Promise(
                timedelta(hours=int(row["read_within_hours"])) if row["read_within_hours"] else None,
                int(row["expected_age_days"]) if row["expected_age_days"] else None,
            )
            for row in csv.DictReader(lines)
        }


def freshness_policy(source: str) -> dg.FreshnessPolicy | None:
    """Dagster's policy for the assets of a source: read within the promised time, or failed."""
    within = promises()[source].read_within
    return None if within is None else dg.FreshnessPolicy.time_window(fail_window=within)
