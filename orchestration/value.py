"""What a policy would have done: companies are generated, planned by the warehouse's own SQL, and replayed.

Each company gets a lake and a warehouse of its own in a temporary folder. Its ERP is landed as the daily job would land
it, the planning models are built, and their parameters, month by month, are what the replay orders by.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors import backtest, catalog, erp
from extractors.lake import Batch, Lake
from extractors.settings import Settings
from orchestration.platform import CHECKOUT, Platform, executable
from simulator.generator import Company, generate
from simulator.policy.experiment import CLASSES, PARAMETERS, Calendar, run_company, run_world, segments_of
from simulator.policy.recorded import Records, world_of_records
from simulator.policy.series import SeriesIndex
from simulator.setting import Stress

HISTORY_DAYS = 1_461
PLANNING = ("+int_value__try_policies", "stg_erp__stock_movements")
VALUE_MARTS = ("+rpt_policy_backtest", "+rpt_policy_frontier")
LAST_DAY = date(2026, 11, 20)  # of the published experiment: the companies are generated, so any day will do
BASE, RECORDED = "base", "recorded"
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
    scores = replay_generated(trial, *plan_company(trial, scratch))
    return scores, (datetime.now(UTC) - started).total_seconds()


def replay_generated(trial: Trial, company: Company, place: Platform) -> pa.Table:
    """Replay every policy on a planned company; scores with the columns of `simulator.policy.score.SCHEMA`."""
    with _reading(place.warehouse) as connection:
        parameters, classes = read_parameters(connection, trial.calendar)
    return run_company(company.history, trial.calendar, parameters, classes, scenario=trial.scenario)


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
    connection.execute("set enable_progress_bar = false")  # the line of each company is the progress
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


def replay_recorded(place: Platform, until: date) -> pa.Table:
    """Replay every policy on the history of the installation's own ERP, as its warehouse tells it.

    Args:
        place: The installation; its warehouse was built.
        until: Last replayed day; two years and nine months before it must be recorded.

    Returns:
        Scores with the columns of `simulator.policy.score.SCHEMA`, of the scenario `recorded` and company 0.

    Raises:
        RuntimeError: Another process writes the warehouse.
        ValueError: The warehouse has not been built or does not reach back far enough.
    """
    if not place.warehouse.exists():
        raise ValueError(f"{place.warehouse} is missing: run the daily job first")
    calendar = Calendar(until)
    with _reading(place.warehouse) as connection:
        parameters, classes = read_parameters(connection, calendar)
        records, index, criticality = read_records(connection, calendar)
    world = world_of_records(records, index, calendar.replayed_from, calendar.until)
    segments = segments_of(index, classes, criticality)
    return run_world(world, index, calendar, parameters, segments, labels={"seed": 0, "scenario": RECORDED})


def read_records(
    connection: duckdb.DuckDBPyConnection, calendar: Calendar
) -> tuple[Records, SeriesIndex, dict[str, str]]:
    """What the warehouse recorded of the replayed days, its series, and the criticality of its items."""
    days = {"first": calendar.replayed_from, "last": calendar.until}

    def read(query: str, **values: date) -> pa.Table:
        return connection.execute(query, values).to_arrow_table()

    parameters = read(
        """
        select
            item_id,
            location_id,
            planning_on as valid_from_on,
            supplier_id,
            criticality,
            coalesce(unit_cost_brl, 0)::double as unit_cost_brl,
            coalesce(pack_size_units, 1)::double as pack_units,
            coalesce(minimum_order_units, 1)::double as minimum_units
        from intermediate.int_planning__set_parameters
        where planning_on <= $last
        order by all
        """,
        last=calendar.until,
    )
    records = Records(
        lines=read(
            """
            select item_id, location_id, requested_on, requested_units::double as units
            from intermediate.int_demand__classify_lines
            semi join intermediate.int_planning__set_parameters using (item_id, location_id)
            where line_class in ('demand', 'return') and requested_on <= $last
            order by requested_on, requisition_line_id
            """,
            last=calendar.until,
        ),
        stock=read(
            """
            with changes as (
                select item_id, location_id, moved_units as units
                from staging.stg_erp__stock_movements
                where (moved_at at time zone 'America/Bahia')::date < $first
                union all
                select item_id, location_id, -requested_units as units
                from intermediate.int_demand__classify_lines
                where line_class = 'demand' and requested_on < $first and coalesce(fulfilled_on >= $first, true)
            )

            select item_id, location_id, sum(units)::double as units
            from changes
            semi join intermediate.int_planning__set_parameters using (item_id, location_id)
            group by item_id, location_id
            order by item_id, location_id
            """,
            first=calendar.replayed_from,
        ),
        arrivals=read(
            """
            select
                orders.item_id,
                orders.location_id,
                (receipts.received_at at time zone 'America/Bahia')::date as received_on,
                receipts.received_units::double as units
            from staging.stg_erp__receipts as receipts
            inner join intermediate.int_supply__follow_order_lines as orders using (purchase_order_line_id)
            semi join intermediate.int_planning__set_parameters using (item_id, location_id)
            where orders.requested_on < $first and received_on between $first and $last
            order by all
            """,
            **days,
        ),
        deliveries=read(
            """
            select supplier_id, lead_time_days
            from intermediate.int_supply__follow_order_lines
            where lead_time_days is not null
            order by all
            """
        ),
        parameters=parameters.drop_columns(["criticality"]),
    )
    index = SeriesIndex(
        sorted(set(parameters["item_id"].to_pylist())), sorted(set(parameters["location_id"].to_pylist()))
    )
    criticality = dict(zip(parameters["item_id"].to_pylist(), parameters["criticality"].to_pylist(), strict=True))
    return records, index, criticality


def write_outcomes(scores: pa.Table, folder: Path) -> Path:
    """Leave marked scores where the daily job takes them in, beside those of other scenarios; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / backtest.FILE
    if target.exists():
        others = backtest.read_outcomes(target)
        kept = pc.invert(pc.is_in(others["scenario"], pc.unique(scores["scenario"])))
        scores = pa.concat_tables([others.filter(kept), scores])
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
    """Rows of `rpt_policy_frontier` of one scenario and measured year, by policy and knob.

    Raises:
        RuntimeError: Another process writes the warehouse.
    """
    with _reading(place.warehouse) as connection:
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


@contextmanager
def _reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.IOException as error:
        raise RuntimeError(f"{error}\nWhat to do: wait until no run writes the warehouse, and try again") from error
    with connection:
        yield connection
