"""Service that reorder points of the warehouse attain, against demand and lead times that the generator knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from orchestration.value import BASE, Trial, plan_company
from simulator.truth import attained_service

SEEDS = range(1, 6)
LEVEL = 0.95
POLICIES = (("negative_binomial", LEVEL), ("legacy", 0.0))


def attained(seed: int, folder: Path) -> list[float]:
    """Mean service over the item-locations that are still asked for, by policy."""
    company, place = plan_company(Trial("ci", seed, BASE, date(2026, 5, 31)), folder)
    history = company.history
    series = {
        pair: number
        for number, pair in enumerate(
            (item, location) for item in history.items.ids for location in history.network.location_ids
        )
    }
    means = []
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        for policy, knob in POLICIES:
            reorder_point = np.full(len(series), np.nan)
            for item, location, units in connection.execute(
                """
                select item_id, location_id, reorder_point_units
                from intermediate.int_value__try_policies
                where policy = ? and knob = ? and reorder_point_units is not null
                qualify planning_on = max(planning_on) over ()
                """,
                [policy, knob],
            ).fetchall():
                reorder_point[series[item, location]] = units
            known = ~np.isnan(reorder_point)
            assert known.sum() > len(series) / 2
            means.append(float(attained_service(history, reorder_point)[known].mean()))
    return means


def test_a_level_is_attained_by_the_negative_binomial_and_missed_by_the_legacy_formula(tmp_path: Path) -> None:
    by_seed = [attained(seed, tmp_path) for seed in SEEDS]
    negative_binomial, legacy = np.mean(by_seed, axis=0)
    assert negative_binomial == pytest.approx(LEVEL, abs=0.02), by_seed
    assert legacy < 0.92, by_seed
