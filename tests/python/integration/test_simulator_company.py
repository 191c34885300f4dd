"""The company in a real PostgreSQL: created whole or not at all, advanced in one step, served while needed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from simulator.company import KEYS, DemoCompany
from simulator.generator import generate
from simulator.postgres import Cluster

FIRST_DAY = date(2026, 1, 10)
UNTIL = date(2026, 5, 31)  # the next day brings a review with its orders
NEXT_DAY = UNTIL + timedelta(days=1)
SCRIPT = """
import sys, time
from datetime import date
from pathlib import Path
from simulator.company import DemoCompany
company = DemoCompany(Path(sys.argv[1]), size="ci")
def report(message):
    print(message, flush=True)
company.create(date.fromisoformat(sys.argv[3]), first_day=date.fromisoformat(sys.argv[2]), report=report)
if sys.argv[4] == "run":
    with company.running():
        print("running", flush=True)
        time.sleep(600)
if sys.argv[4] == "advance":
    company.advance(1, report=report)
"""


def contents(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the ERP, table by table, by key."""
    with psycopg.connect(dsn) as connection:
        return {
            name: connection.execute(f"select * from erp.{name} order by {', '.join(key)}").fetchall()
            for name, key in KEYS.items()
        }


def postgres_processes(home: Path) -> list[int]:
    """The servers that run on a company's folder."""
    processes = psutil.process_iter(["pid", "cmdline"])
    return [p.info["pid"] for p in processes if str(home / "postgres") in (p.info["cmdline"] or [])]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> DemoCompany:
    """A company at the end of the last day, created once; only the advancing test moves it."""
    company = DemoCompany(tmp_path_factory.mktemp("company"), size="ci")
    company.create(UNTIL, first_day=FIRST_DAY)
    return company


@pytest.fixture(scope="module")
def environment(company: DemoCompany) -> Iterator[dict[str, str]]:
    with company.running() as environment:
        yield environment


def killed_when(home: Path, says: str, then: str = "create") -> None:
    """Start a process that creates the company and kill it, and only it, when it says something."""
    arguments = [sys.executable, "-c", SCRIPT, str(home), FIRST_DAY.isoformat(), UNTIL.isoformat(), then]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(says in line for line in process.stdout), f"never said {says!r}"
        os.kill(process.pid, signal.SIGKILL)


def test_the_environment_points_at_everything(company: DemoCompany, environment: dict[str, str]) -> None:
    assert environment["NOVA_TODAY"] == NEXT_DAY.isoformat()
    assert environment["NOVA_HISTORY_FROM"] == FIRST_DAY.isoformat()
    assert (company.first_day, company.until) == (FIRST_DAY, UNTIL)
    agent = {"User-Agent": "Mozilla/5.0"}
    assert requests.get(f"{environment['INMET_BASE_URL']}/estacoes/T", headers=agent, timeout=30).ok
    latest = f"{environment['BACEN_SGS_BASE_URL']}/bcdata.sgs.433/dados/ultimos/1?formato=json"
    assert requests.get(latest, timeout=30).ok
    licences = f"{environment['ANATEL_BASE_URL']}/outorga_e_licenciamento/estacoes_smp.zip"
    assert requests.get(licences, timeout=30).ok


def test_the_erp_holds_the_generated_rows(environment: dict[str, str]) -> None:
    generated = generate("ci", 20_240_601, FIRST_DAY, UNTIL)
    for name, rows in contents(environment["ERP_DSN"]).items():
        assert len(rows) == generated.erp[name].num_rows > 0, name


def test_positions_are_the_sum_of_movements_in_the_database(environment: dict[str, str]) -> None:
    with psycopg.connect(environment["ERP_DSN"]) as connection:
        wrong = connection.execute(
            """
            select item_id, location_id from erp.inventory
            left join (
                select item_id, location_id, sum(quantity) as units from erp.stock_movements group by 1, 2
            ) as moved using (item_id, location_id)
            where current_stock <> coalesce(units, 0)
            """
        ).fetchall()
    assert wrong == []


def test_the_reader_cannot_write(environment: dict[str, str]) -> None:
    with psycopg.connect(environment["ERP_DSN"]) as connection:
        connection.execute("set default_transaction_read_only = off")
        connection.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from erp.items")
        connection.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from demonstration.state")


def test_creating_again_does_nothing(company: DemoCompany) -> None:
    said: list[str] = []
    company.create(UNTIL + timedelta(days=30), report=said.append)
    assert said == []
    assert company.until == UNTIL


def test_another_company_in_the_same_folder_is_refused(company: DemoCompany) -> None:
    with pytest.raises(ValueError, match="holds another company"):
        DemoCompany(company.home, size="ci", seed=1).create(UNTIL)


def test_no_company_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="create it first"):
        _ = DemoCompany(tmp_path, size="ci").until


def test_advancing_by_a_day_gives_the_company_of_that_day(tmp_path: Path) -> None:
    stepwise, at_once = DemoCompany(tmp_path / "stepwise", size="ci"), DemoCompany(tmp_path / "at once", size="ci")
    stepwise.create(UNTIL, first_day=FIRST_DAY)
    assert stepwise.advance(1) == NEXT_DAY == stepwise.until
    at_once.create(NEXT_DAY, first_day=FIRST_DAY)
    with stepwise.running() as one, at_once.running() as other:
        assert one["NOVA_TODAY"] == other["NOVA_TODAY"]
        expected, found = contents(other["ERP_DSN"]), contents(one["ERP_DSN"])
    for name, rows in expected.items():
        assert found[name] == rows, name


@pytest.mark.parametrize("says", ["requisition lines asked", "PostgreSQL started", "rows in erp.inventory"])
def test_a_killed_creation_is_made_good(
    tmp_path: Path, company: DemoCompany, environment: dict[str, str], says: str
) -> None:
    del company
    killed_when(tmp_path, says)
    again = DemoCompany(tmp_path, size="ci")
    again.create(UNTIL, first_day=FIRST_DAY)
    with again.running() as found:
        assert contents(found["ERP_DSN"]) == contents(environment["ERP_DSN"])
    assert (tmp_path / "truth" / "series.parquet").exists()
    assert postgres_processes(tmp_path) == []


def test_a_killed_advance_happened_or_not_but_never_half(tmp_path: Path) -> None:
    killed_when(tmp_path, "new or changed in erp.requisitions", then="advance")
    company = DemoCompany(tmp_path, size="ci")
    with company.running() as environment, psycopg.connect(environment["ERP_DSN"]) as connection:
        assert company.until in (UNTIL, NEXT_DAY)
        assert connection.execute("select distinct date from erp.inventory").fetchall() == [(company.until,)]
    assert company.advance(1) > UNTIL


def test_a_server_left_by_a_killed_process_is_taken_over_and_stopped(tmp_path: Path) -> None:
    killed_when(tmp_path, "running", then="run")
    assert postgres_processes(tmp_path)
    with DemoCompany(tmp_path, size="ci").running() as environment:
        assert contents(environment["ERP_DSN"])["items"]
    assert postgres_processes(tmp_path) == []


def test_two_users_share_one_server_and_the_last_one_stops_it(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    with cluster.running() as first:
        with Cluster(tmp_path).running() as second:
            assert second == first
        assert postgres_processes(tmp_path)
    assert postgres_processes(tmp_path) == []


def test_a_closed_folder_does_not_keep_the_server_out(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Cluster(closed / "company").running() as port:
        assert port > 0


def test_a_stale_pid_file_of_another_program_does_not_stop_the_start(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    with cluster.running():
        pass
    (tmp_path / "postgres" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{tmp_path}\n0\n5432\n\nlocalhost\n0 0\nready\n"
    )
    with cluster.running() as port:
        assert port > 0
