"""The daily job as an operator lives it: first run, the same day again, one more day. In this order."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import psycopg
import pytest
from conftest import CHECKOUT, Installation, run_succeeded

from extractors.catalog import TABLES
from orchestration.inputs import unread
from orchestration.metrics import Metrics
from orchestration.platform import Platform
from simulator.assumptions import Dirt
from simulator.company import DEFAULT_SEED, DemoCompany
from simulator.feeds.chaos import Chaos
from simulator.feeds.server import FeedServer
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
    tables = {
        name: installation.table(name, pointer)
        for name in ("rpt_exceptions", "rpt_data_freshness", "quality_expectations")
    }
    others = gold_value(
        """
        select
            (select count(*) from {rpt_exceptions} where exception_kind <> 'stale_feed')
            + (
                select count(distinct table_name)
                from {quality_expectations}
                where status = 'failed' and severity = 'warning'
            )
            + (
                select count(*)
                from (
                    select source_name from {rpt_data_freshness} where is_judged and age_days > expected_age_days
                    union
                    select split_part(entity_id, '.', 1) from {rpt_exceptions} where exception_kind = 'stale_feed'
                )
            )
        """,
        **tables,
    )
    assert f"Alerts       {likely + others:,} open" in output
    (message,) = (installation.data / "alerts").glob("*.txt")
    assert f"{likely + others} alertas" in message.read_text(encoding="utf-8")
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


def test_no_promised_column_of_the_built_marts_takes_a_null(first_run: FirstRun) -> None:
    installation, _, _ = first_run
    manifest = json.loads((CHECKOUT / "target" / "manifest.json").read_text())
    promised = {
        (node["name"], column["name"])
        for node in manifest["nodes"].values()
        for column in node.get("columns", {}).values()
        if "not_null" in [constraint["type"] for constraint in column["constraints"]]
    }
    with duckdb.connect(installation.data / "warehouse.duckdb", read_only=True) as warehouse:
        closed = warehouse.sql("select table_name, column_name from duckdb_columns() where not is_nullable").fetchall()
    assert len(promised) > 100
    assert promised <= set(closed)


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


def alerts_told(installation: Installation) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((installation.data / "alerts").glob("*.txt"))]


@contextmanager
def inmet_down(installation: Installation) -> Iterator[str]:
    """A server in INMET's place that answers every call with 500 or its like."""
    company = DemoCompany.at(installation.data / "company")
    world = FeedWorld("ci", DEFAULT_SEED, company.until, Dirt(), first_day=company.first_day)
    always = Chaos(seed=1, unavailable=1.0, cut=0, throttled=0, slow=0, most_per_address=1_000_000)
    with FeedServer(world, always).running() as address:
        yield f"{address}/inmet"


def run_of_the_bad_day(installation: Installation) -> subprocess.CompletedProcess[str]:
    """The daily job on the company's own servers but INMET's, named by the environment alone, as a container's are."""
    with (
        DemoCompany.at(installation.data / "company").running() as environment,
        inmet_down(installation) as inmet,
    ):
        settings = {**environment, "INMET_BASE_URL": inmet, "INMET_ARCHIVE_BASE_URL": "", "NOVA_RETRY_SECONDS": "0"}
        there = Installation(installation.data, {**installation.environment, **settings})
        return there.nova("run", "--sources", "live")


def test_a_bad_day_is_told_by_its_three_causes_and_leaves_readers_the_last_good_day(first_run: FirstRun) -> None:
    """INMET is down, a column of the ERP is renamed, a supplier's lead times turn negative."""
    installation, _, pointer = first_run
    warehouse = (installation.data / "warehouse.duckdb").stat().st_mtime_ns
    told_before = alerts_told(installation)
    run_succeeded(installation.nova("simulate", "--days", "1"))
    delete_a_cancelled_order(installation)
    with altered_company(installation) as connection:
        connection.execute("alter table erp.items rename column unit to unit_of_measure")
        connection.execute(
            "update erp.suppliers set promised_lead_time_days = -promised_lead_time_days where supplier_id = 'F00003'"
        )

    done = run_of_the_bad_day(installation)

    assert done.returncode == 1, done.stdout
    erp, inmet, quality, *rest = re.split(r"\n(?=\w+: )", done.stderr.strip())
    assert rest == []
    assert erp.startswith("erp: erp/items [table erp.items] broke its contract: column unit is absent, expected string")
    assert "columns seen: item_id" in erp
    assert "unit_of_measure" in erp
    assert "What to do: ask the ERP's owner what was changed" in erp
    assert re.match(r"inmet: inmet/\w+ \[.*\] is unavailable: .*status 50\d.* What to do: run again later", inmet)
    assert "Likewise inmet/stations." in inmet
    assert quality.startswith("quality: erp/suppliers: expect_column_values_to_be_between")
    for words in ("promised_lead_time_days", "1 of ", "supplier_id=F00003", "Likely cause", "Mend it at the source"):
        assert words in quality
    assert done.stderr.strip().endswith(f"Full log: {installation.data / 'logs' / 'daily.log'}")

    # nothing was built: readers have the last good day, and the report says which that is
    assert installation.pointer() == pointer
    run_succeeded(installation.nova("verify"))
    assert (installation.data / "warehouse.duckdb").stat().st_mtime_ns == warehouse
    assert unread(Platform.from_environment(installation.environment)) == {"erp/items"}
    history = json.loads((installation.data / "lake" / "quality" / "history.json").read_text())
    assert [audit["is_gate_passed"] for audit in history["audits"]] == [True, False]
    if (site := installation.data / "report" / "current").exists():
        page = (site / "index.html").read_text(encoding="utf-8")
        published = datetime.fromisoformat(pointer["generated_at"]).astimezone(ZoneInfo("America/Bahia"))
        assert f"Atualizado em {published:%d/%m/%Y}" in page
        assert pointer["version"] in page

    # one alert for each cause
    (message,) = [text for text in alerts_told(installation) if text not in told_before]
    assert re.findall(r"\[(\w+), crítico\] Carga diária parada: (.+)", message) == [
        ("Novo", "ERP"),
        ("Novo", "INMET"),
        ("Novo", "qualidade dos dados"),
    ]
    assert f"segue publicada a versão com dados até {date.fromisoformat(pointer['as_of_on']):%d/%m/%Y}" in message


def test_the_same_trouble_on_another_run_is_told_to_nobody(first_run: FirstRun) -> None:
    installation, _, pointer = first_run
    told_before = alerts_told(installation)
    done = run_of_the_bad_day(installation)
    assert done.returncode == 1
    assert len(re.split(r"\n(?=\w+: )", done.stderr.strip())) == 3
    assert alerts_told(installation) == told_before
    assert installation.pointer() == pointer


def test_once_mended_one_command_catches_up_and_adds_only_the_new_day(first_run: FirstRun) -> None:
    installation, _, before = first_run
    with altered_company(installation) as connection:
        connection.execute("alter table erp.items rename column unit_of_measure to unit")
        connection.execute("update erp.suppliers set promised_lead_time_days = abs(promised_lead_time_days)")
    told_before = alerts_told(installation)
    run_succeeded(installation.nova("run", "--no-report"))
    after = installation.pointer()
    told = "".join(text for text in alerts_told(installation) if text not in told_before)
    for cause in ("ERP", "INMET", "qualidade dos dados"):
        assert f"[Resolvido, crítico] Carga diária parada: {cause}" in told

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
