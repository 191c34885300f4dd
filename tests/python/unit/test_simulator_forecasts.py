"""The demonstration company's forecasts keep the contract and know nothing after their origin."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors.forecasts import batches_of
from simulator.forecasts import DEVIATES, MODELS, forecast, gamma_quantile, month_starts, write_forecasts
from simulator.generator import Company, generate

FIRST_DAY, UNTIL, ORIGIN = date(2025, 6, 1), date(2026, 6, 15), date(2026, 4, 1)
SEED = 11


@pytest.fixture(scope="module")
def company() -> Company:
    return generate("ci", SEED, FIRST_DAY, UNTIL)


@pytest.mark.parametrize("model", MODELS)
def test_a_forecast_uses_nothing_after_its_origin(company: Company, model: str) -> None:
    at_the_time = generate("ci", SEED, FIRST_DAY, ORIGIN)
    assert forecast(company.history, ORIGIN, model).equals(forecast(at_the_time.history, ORIGIN, model))


def test_every_file_keeps_the_contract_and_is_written_once(company: Company, tmp_path: Path) -> None:
    write_forecasts(company, tmp_path)
    files = sorted(tmp_path.iterdir())
    rows = pa.concat_tables(batch.rows for path in files for batch in batches_of(path))
    told: list[str] = []
    write_forecasts(company, tmp_path, told.append)

    assert [line.strip() for line in told] == ["0 forecasts written"]
    assert len(files) == len(MODELS) * 7
    assert set(rows.column("origin_date").to_pylist()) == set(month_starts(FIRST_DAY, UNTIL))
    assert set(rows.column("source").to_pylist()) == set(MODELS)


def test_origins_are_first_days_of_months_with_history_before_them() -> None:
    assert month_starts(date(2026, 1, 2), date(2026, 6, 1)) == [date(2026, 5, 1), date(2026, 6, 1)]
    assert month_starts(date(2026, 5, 1), date(2026, 5, 31)) == []


def test_the_smoothing_model_is_surer_of_itself_than_the_moving_average(company: Company) -> None:
    spread = {}
    for model in MODELS:
        rows = forecast(company.history, ORIGIN, model)
        spread[model] = np.sum(rows.column("q95").to_numpy() - rows.column("q50").to_numpy())
    assert spread["exponential_smoothing"] < spread["moving_average"] / 2


def test_quantiles_are_those_of_a_gamma_with_the_same_moments() -> None:
    # scipy.stats.gamma(a=100, scale=1): 99.667, 117.0 … rounded up to whole units after half a unit for continuity
    found = [gamma_quantile(np.array([100.0]), np.array([100.0]), deviate)[0] for deviate in DEVIATES.values()]
    assert found == [100, 108, 113, 117, 122, 125]
    assert gamma_quantile(np.array([0.0]), np.array([0.0]), 2.0)[0] == 0


def test_a_new_month_brings_new_files_and_leaves_the_old_ones(tmp_path: Path) -> None:
    last = date(2026, 5, 31)
    write_forecasts(generate("ci", SEED, FIRST_DAY, last), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_forecasts(generate("ci", SEED, FIRST_DAY, last + timedelta(days=1)), tmp_path)

    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {f"{model}_2026-06-01.parquet" for model in MODELS}
    assert pq.read_table(tmp_path / "moving_average_2026-06-01.parquet").num_rows > 50
