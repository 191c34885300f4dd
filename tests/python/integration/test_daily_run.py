"""The daily job as an operator lives it: first run, the same day again, one more day. In this order."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from conftest import CHECKOUT, Installation, run_succeeded

from extractors.catalog import TABLES
from orchestration.metrics import Metrics
from orchestration.platform import Platform
from simulator.company import DemoCompany
from simulator.feeds.world import FeedWorld
from simulator.postgres import Cluster

FirstRun = tuple[Installation, str, dict[str, Any]]


@contextmanager
def erp(installation: Installation) -> Iterator[psycopg.Connection]:
    """The company's PostgreSQL, through the role that the platform is given."""
    with (
        DemoCompany.at(installation.data / "company").running() as environment,
        psycopg.connect(environment["ERP_DSN"]) as connection,
    ):
        yield connection


def value(connection: psycopg.Connection, query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def altered_company(installation: Installation) -> Iterator[psycopg.Connection]:
    """The company's PostgreSQL, through the role that may change it."""
    company = Cluster(installation.data / "company")
    with company.running() as port, company.connect(port) as connection:
        yield connection


def delete_a_cancelled_order(installation: Installation) -> None:
    """Somebody tidies up in the ERP."""
    with altered_company(installation) as connection:
        gone = connection.execute(
            "delete from erp.purchase_orders where purchase_order_line_id = "
            "(select min(purchase_order_line_id) from erp.purchase_orders where status = 'cancelled')"
        )
        assert gone.rowcount == 1


def gold_value(query: str, **paths: str) -> Any:
    row = duckdb.sql(query.format(**{name: f"read_parquet('{path}')" for name, path in paths.items()})).fetchone()
    assert row is not None
    return row[0]


def bronze_files(installation: Installation) -> set[str]:
    bronze = installation.data / "lake" / "bronze"
    return {str(path.relative_to(bronze)) for path in bronze.rglob("*.parquet")}


def assert_totals_agree(installation: Installation) -> None:
    """Demand, stock and orders of published gold equal PostgreSQL's."""
    pointer = installation.pointer()
    with erp(installation) as connection:
        asked = value(
            connection,
            """
            select sum(quantity) from (
                select distinct on (requisition_id, line_number) r.*
                from erp.requisitions as r
                order by requisition_id, line_number, requisition_line_id
            ) as line
            left join erp.items as item using (item_id)
            where line.status <> 'cancelled' and line.quantity > 0 and not coalesce(item.is_service, false)
            """,
        )
        stock = value(connection, "select sum(current_stock) from erp.inventory")
        orders = value(connection, "select count(*) from erp.purchase_orders")
    demand, inventory, lines = (
        installation.table(name, pointer) for name in ("fact_demand", "fact_inventory", "fact_purchase_orders")
    )
    assert gold_value("select sum(demand_units) from {demand}", demand=demand) == asked
    last_day = "select sum(on_hand_units) from {f} where stock_on = (select max(stock_on) from {f})"
    assert gold_value(last_day, f=inventory) == stock
    assert gold_value("select count(*) from {lines}", lines=lines) == orders


def test_first_run_says_what_it_loaded_checked_and_found(first_run: FirstRun) -> None:
    installation, output, pointer = first_run
    for source in sorted({table.source for table in TABLES}):
        landed = re.search(rf"^{source}\s+([\d,]+) rows landed", output, flags=re.MULTILINE)
        assert landed, f"{source} is missing from the summary"
        # nobody has tried policies on a new installation
        assert (int(landed.group(1).replace(",", "")) > 0) == (source != "backtest")
    passed = re.search(r"Checks\s+(\d+) passed, \d+ warned, 0 failed", output)
    assert passed
    assert int(passed.group(1)) == pointer["checks"]["passed"] > 50
    told = re.search(r"To buy\s+([\d,]+) item-locations", output)
    below = gold_value(
        "select count(*) from {r} where is_below_reorder_point", r=installation.table("rpt_replenishment", pointer)
    )
    assert told
    assert int(told.group(1).replace(",", "")) == below > 0


def test_first_run_tells_whom_gold_names_and_the_same_day_again_nobody(first_run: FirstRun) -> None:
    installation, output, pointer = first_run
    likely = gold_value(
        "select count(*) from {risk} where risk_state = 'red' and stockout_probability >= 0.5",
        risk=installation.table("rpt_stockout_risk", pointer),
    )
    exceptions = gold_value("select count(*) from {e}", e=installation.table("rpt_exceptions", pointer))
    assert f"Alerts       {likely + exceptions:,} open" in output
    (message,) = (installation.data / "alerts").glob("*.txt")
    assert f"{likely + exceptions} alertas" in message.read_text(encoding="utf-8")
    assert likely > 0
    assert run_succeeded(installation.nova("alerts", "--dry-run")) == "Nothing to tell.\n"
    assert "Itens a comprar:" in run_succeeded(installation.nova("alerts", "weekly", "--dry-run"))
    run_succeeded(installation.nova("alerts"))
    assert list((installation.data / "alerts").glob("*.txt")) == [message]
    run_succeeded(installation.nova("alerts", "weekly"))
    run_succeeded(installation.nova("alerts", "weekly"))
    (report,) = (installation.data / "alerts").glob("*-nova-corrente-*.html")
    assert "<table" in report.read_text(encoding="utf-8")


def test_published_totals_reconcile_with_the_erp(first_run: FirstRun) -> None:
    assert_totals_agree(first_run[0])
    run_succeeded(first_run[0].nova("verify"))


def test_metrics_of_gold_are_what_plain_sql_finds_in_it(first_run: FirstRun) -> None:
    installation, _, pointer = first_run
    names = ("forecast_accuracy", "inventory_turnover", "lead_time_days", "open_exceptions", "stock_value")
    names += ("stockout_rate", "service_level", "total_forecasted_demand")
    asked = Metrics(Platform.from_environment(installation.environment))
    answer = dict(zip(names, asked.ask(metrics=names).rows[0], strict=True))
    tables = {
        name: installation.table(f"{kind}_{name}", pointer)
        for kind, name in (
            ("fact", "forecasts"),
            ("fact", "inventory"),
            ("fact", "demand"),
            ("fact", "purchase_orders"),
            ("dim", "items"),
            ("rpt", "exceptions"),
        )
    }
    expected = {
        "forecast_accuracy": "select 1 - sum(abs(actual_units - forecast_units)) / sum(actual_units) from {forecasts}",
        "inventory_turnover": "select 365 * sum(issued_units * unit_cost_brl) / sum(stock_value_brl) "
        "from {inventory} left join {items} using (item_key)",
        "lead_time_days": "select avg(lead_time_days) from {purchase_orders} where lead_time_days is not null",
        "open_exceptions": "select count(*) from {exceptions}",
        "stock_value": "select sum(stock_value_brl) from {inventory} "
        "where stock_on = (select max(stock_on) from {inventory})",
        "stockout_rate": "select avg((on_hand_units <= 0)::integer) from {inventory}",
        "service_level": "select sum(issued_units) / (select sum(demand_units) from {demand}) from {inventory}",
        "total_forecasted_demand": "select sum(forecast_units) from {forecasts}",
    }
    for name, query in expected.items():
        assert answer[name] is not None, name
        assert float(answer[name]) == pytest.approx(float(gold_value(query, **tables)), rel=1e-5), name
    assert len(asked.ask("stock_by_month").rows) > 12


def test_same_day_again_lands_nothing_and_publishes_nothing(first_run: FirstRun) -> None:
    installation, _, pointer = first_run
    files = bronze_files(installation)
    output = run_succeeded(installation.nova("run", "--no-report"))

    assert re.findall(r"^\w+\s+([\d,]+) rows landed", output, flags=re.MULTILINE) == ["0"] * len(
        {table.source for table in TABLES}
    )
    assert bronze_files(installation) == files
    assert installation.pointer() == pointer


def test_no_log_and_no_record_of_a_run_holds_a_token(first_run: FirstRun) -> None:
    installation, _, _ = first_run
    folders = [installation.data / name for name in ("logs", "dagster", "lake", "dbt")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "daily.log" for path in files)
    token = FeedWorld.inmet_token.encode()
    assert [str(path) for path in files if token in path.read_bytes()] == []


def test_negative_lead_times_stop_before_the_build_and_leave_gold_as_it_was(first_run: FirstRun) -> None:
    installation, _, pointer = first_run
    warehouse = (installation.data / "warehouse.duckdb").stat().st_mtime_ns
    with altered_company(installation) as connection:
        connection.execute(
            "update erp.suppliers set promised_lead_time_days = -promised_lead_time_days where supplier_id = 'F00003'"
        )
    try:
        done = installation.nova("run", "--no-report")
    finally:
        with altered_company(installation) as connection:
            connection.execute("update erp.suppliers set promised_lead_time_days = abs(promised_lead_time_days)")
    assert done.returncode == 1
    for words in ("erp/suppliers", "promised_lead_time_days", "supplier_id=F00003", "Likely cause"):
        assert words in done.stderr
    assert installation.pointer() == pointer
    assert (installation.data / "warehouse.duckdb").stat().st_mtime_ns == warehouse
    history = json.loads((installation.data / "lake" / "quality" / "history.json").read_text())
    assert [audit["is_gate_passed"] for audit in history["audits"]] == [True, False]


def test_one_more_day_adds_only_that_day(first_run: FirstRun) -> None:
    installation, _, before = first_run
    run_succeeded(installation.nova("simulate", "--days", "1"))
    delete_a_cancelled_order(installation)
    run_succeeded(installation.nova("run", "--no-report"))
    after = installation.pointer()

    assert after["version"] != before["version"]
    assert_totals_agree(installation)
    old, new = installation.table("fact_demand", before), installation.table("fact_demand", after)
    day = gold_value("select max(stock_on) from {f}", f=installation.table("fact_inventory", after))
    kept = "demand_on, item_id, location_id, tower_id, demand_units, demand_lines"
    changed = duckdb.sql(
        f"""
        (select {kept} from read_parquet('{old}') except select {kept} from read_parquet('{new}'))
        union all
        (select {kept} from read_parquet('{new}') except select {kept} from read_parquet('{old}'))
        """
    ).fetchall()
    assert changed, "the new day has no demand"
    # a line that was entered on the new day may be dated some days before it
    with erp(installation) as connection:
        late = connection.execute(
            """
            select distinct timezone('America/Bahia', other.requested_at)::date
            from erp.requisitions as line inner join erp.requisitions as other using (requisition_id, line_number)
            where timezone('America/Bahia', line.created_at)::date = %s
            """,
            [day],
        ).fetchall()
    assert day in {row[0] for row in changed} <= {day, *(row[0] for row in late)}


def test_rollback_returns_readers_to_the_first_version(first_run: FirstRun) -> None:
    installation, _, before = first_run
    newest = installation.pointer()["version"]
    run_succeeded(installation.nova("rollback"))
    assert installation.pointer() == before
    run_succeeded(installation.nova("rollback", newest))


def test_dbt_alone_builds_from_the_root_with_the_documented_environment(first_run: FirstRun) -> None:
    installation = first_run[0]
    exported = run_succeeded(installation.nova("env"))
    environment = dict(line.removeprefix("export ").split("=", 1) for line in exported.splitlines())
    dbt = Path(sys.executable).parent / "dbt"
    done = subprocess.run(
        [dbt, "build", "--target-path", str(installation.data / "dbt-alone")],
        cwd=CHECKOUT,
        env={**installation.environment, **{name: shlex.split(value)[0] for name, value in environment.items()}},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "ERROR=0" in done.stdout


@pytest.mark.parametrize("arguments", [("land", "inmet", "no-such-file.csv"), ("rollback", "2019")])
def test_wrong_words_are_answered_with_what_to_do(first_run: FirstRun, arguments: tuple[str, ...]) -> None:
    done = first_run[0].nova(*arguments)
    assert done.returncode == 1
    assert "no such file" in done.stderr or "is not in" in done.stderr
