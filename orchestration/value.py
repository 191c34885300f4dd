"""What a policy would have done: companies are generated, planned by the warehouse's own SQL, and replayed.

Each company gets a lake and a warehouse of its own in a temporary folder. Its ERP is landed as the daily job would land
it, the planning models are built, and their parameters, month by month, are what the replay orders by.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from extractors import backtest, catalog, erp
from extractors.lake import Batch, Lake
from extractors.settings import Settings
from orchestration.platform import CHECKOUT, Platform, executable
from simulator.generator import Company, generate
from simulator.policy.experiment import CLASSES, PARAMETERS, Calendar, run_company
from simulator.setting import Stress

HISTORY_DAYS = 1_461
PLANNING = ("+int_value__try_policies",)
VALUE_MARTS = ("+rpt_policy_backtest", "+rpt_policy_frontier")
LAST_DAY = date(2026, 11, 20)  # of the published experiment: the companies are generated, so any day will do
BASE = "base"
SCENARIOS: dict[str, Callable[[Calendar], Stress]] = {
    BASE: lambda calendar: Stress(),
    "lead_time_variance_x2": lambda calendar: Stress(lead_time_variance=2.0),
    "demand_x0.5": lambda calendar: Stress(demand=0.5),
    "currency_shock": lambda calendar: Stress(
        currency_fall=0.4, currency_falls_on=calendar.scored_from + timedelta(days=30)
    ),
}


@dataclass(frozen=True)
class Trial:
    """One company to try policies on."""

    size: str
    seed: int
    scenario: str
    until: date

    @property
    def calendar(self) -> Calendar:
        """The days that are replayed and measured."""
        return Calendar(self.until)


def run_trials(
    trials: Sequence[Trial], *, workers: int, report: Callable[[str], None], folder: Path | None = None
) -> pa.Table:
    """Try every policy on every company.

    Args:
        trials: The companies.
        workers: Companies at work at the same time.
        report: Receives one line for each company that is done.
        folder: Where to work; a temporary folder by default.

    Returns:
        Scores with the columns of `simulator.policy.score.SCHEMA`, sorted by all labels.

    Raises:
        RuntimeError: A warehouse could not be built; the message is dbt's own.
    """
    tables = []
    # spawned: forking a process whose Arrow and DuckDB threads run would hang
    with (
        tempfile.TemporaryDirectory(prefix="nova-value-", dir=folder) as scratch,
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as workshop,
    ):
        pending = {workshop.submit(run_trial, trial, Path(scratch)): trial for trial in trials}
        for done in as_completed(pending):
            scores, seconds = done.result()
            trial = pending[done]
            tables.append(scores)
            report(f"  ✓ company {trial.seed} ({trial.scenario}) {seconds:6.1f} s")
    keys = ("scenario", "seed", "policy", "knob", "window_name", "abc_class", "criticality")
    return pa.concat_tables(tables).sort_by([(key, "ascending") for key in keys])


def run_trial(trial: Trial, scratch: Path) -> tuple[pa.Table, float]:
    """Generate one company, plan it and replay it; returns its scores and the seconds that it took."""
    started = datetime.now(UTC)
    company, place = plan_company(trial, scratch)
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        parameters, classes = read_parameters(connection, trial.calendar)
    scores = run_company(company.history, trial.calendar, parameters, classes, scenario=trial.scenario)
    return scores, (datetime.now(UTC) - started).total_seconds()


def plan_company(trial: Trial, scratch: Path) -> tuple[Company, Platform]:
    """Generate one company and let the warehouse plan it; returns it and the installation that planned it."""
    first = trial.until - timedelta(days=HISTORY_DAYS - 1)
    company = generate(trial.size, trial.seed, first, trial.until, stress=SCENARIOS[trial.scenario](trial.calendar))
    place = Platform.from_environment({"NOVA_DATA": str(scratch / f"{trial.scenario}-{trial.seed}")})
    place.prepare()
    land_company(company, Lake(place.lake_root))
    build(place, PLANNING, trial.until + timedelta(days=1), tested=False)
    return company, place


def land_company(company: Company, lake: Lake) -> None:
    """Land the ERP of a company as the daily job would on the day after its last."""
    today = company.until + timedelta(days=1)
    for table in erp.TABLES:
        given = company.erp[table.table]
        rows = pa.table({f.name: _cast(given[f.name], f.type) for f in table.schema if f.name in given.schema.names})
        batch = Batch(f"public.{table.table}", today, rows, f"generated:{table.table}")
        lake.land(table, [batch], run_id="value", extracted_at=datetime.combine(today, time(5), UTC))
    lake.ensure_contracts(catalog.TABLES)


def _cast(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Cast to a column's type in the contract; integers reach a decimal by way of one that surely holds them."""
    return values.cast(pa.decimal128(38, kind.scale)).cast(kind) if pa.types.is_decimal(kind) else values.cast(kind)


def build(place: Platform, models: Sequence[str], today: date, *, tested: bool = True) -> None:
    """Build some models of the installation.

    Args:
        place: The installation.
        models: Selectors of dbt.
        today: The day that the models take for today.
        tested: Whether their tests run, too.

    Raises:
        RuntimeError: dbt failed; the message is its own.
    """
    done = subprocess.run(
        [
            executable("dbt"),
            "build",
            "--quiet",
            "--select",
            *models,
            "--exclude-resource-type",
            "unit_test",
            *([] if tested else ["test"]),
            "--target-path",
            place.dbt_target,
            "--log-path",
            place.logs,
        ],
        cwd=CHECKOUT,
        env={**os.environ, **place.environment(), "NOVA_TODAY": str(today)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt cannot build {' '.join(models)} in {place.data}:\n{done.stdout}{done.stderr}")


def read_parameters(connection: duckdb.DuckDBPyConnection, calendar: Calendar) -> tuple[pa.Table, pa.Table]:
    """Parameters of the replayed months by candidate policy, and the classes when the scored year begins."""
    parameters = connection.execute(
        """
        select planning_on as valid_from_on, item_id, location_id, policy, knob, reorder_point_units, lot_units
        from intermediate.int_value__try_policies
        where planning_on > $first and planning_on <= $last
        """,
        {"first": calendar.replayed_from - timedelta(days=32), "last": calendar.until},
    ).to_arrow_table()
    classes = connection.execute(
        """
        select item_id, location_id, any_value(abc_class) as abc_class
        from intermediate.int_value__try_policies
        where planning_on <= $day
        group by item_id, location_id, planning_on
        qualify planning_on = max(planning_on) over ()
        """,
        {"day": calendar.scored_from},
    ).to_arrow_table()
    return parameters.cast(PARAMETERS), classes.cast(CLASSES)


def write_outcomes(scores: pa.Table, folder: Path) -> Path:
    """Leave marked scores where the daily job takes them in; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / backtest.FILE
    draft = target.with_suffix(".tmp")
    pq.write_table(scores, draft, compression="zstd")
    draft.replace(target)
    return target


def take_in(place: Platform, settings: Settings) -> None:
    """Land the outcomes as the daily job would, and build the marts that tell them; gold is the daily job's.

    Raises:
        FeedContractError: The outcomes break their contract.
        RuntimeError: The marts could not be built or a test of theirs failed; the message is dbt's own.
    """
    lake = Lake(place.lake_root)
    with tempfile.TemporaryDirectory() as folder:
        backtest.extract(backtest.POLICY_OUTCOMES, settings, lake, "value", Path(folder))
    lake.ensure_contracts(catalog.TABLES)
    build(place, VALUE_MARTS, settings.today)


def read_frontier(place: Platform, scenario: str, window: str) -> list[dict[str, Any]]:
    """Rows of `rpt_policy_frontier` of one scenario and measured year, by policy and knob."""
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        found = connection.execute(
            """
            select *
            from marts.rpt_policy_frontier
            where scenario = $scenario and window_name = $window
            order by policy, knob
            """,
            {"scenario": scenario, "window": window},
        )
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows
