"""Dagster as docker-compose.yml runs it: code server, daemon and web server, with their storage in PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
import yaml
from starlette.types import ASGIApp, Receive, Scope, Send

from orchestration.platform import CHECKOUT
from simulator.assumptions import Dirt
from simulator.feeds.server import FeedServer
from simulator.feeds.world import FeedWorld
from simulator.postgres import Cluster

START_SECONDS = 240
_OWN = re.compile(r"^(NOVA_|LAKE_|WAREHOUSE|DAGSTER_|DBT_|AWS_|ERP_|ALERTS_|INMET_|BACEN_|ANATEL_)")
_LAUNCH = """
mutation ($run: ExecutionParams!) {
  launchRun(executionParams: $run) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""
_STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_LOCATIONS = """
{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { __typename } } } } }
"""
_DAEMONS = "{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def service(name: str, command: list[str], environment: dict[str, str], logs: Path) -> Iterator[None]:
    """A process of the platform, ended as a container is."""
    with (logs / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", *command],
            cwd=CHECKOUT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield
            assert process.poll() is None, f"{name} ended: {(logs / f'{name}.log').read_text()[-3000:]}"
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a code server that was still starting may outlive its parent
            process.wait()


def asked(port: int, query: str, **variables: Any) -> dict[str, Any]:
    answer = requests.post(
        f"http://127.0.0.1:{port}/graphql", json={"query": query, "variables": variables}, timeout=60
    )
    answer.raise_for_status()
    content: dict[str, Any] = answer.json()
    assert "errors" not in content, content
    return dict(content["data"])


def wait_for(what: str, is_so: Any, logs: Path) -> Any:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if found := is_so():
                return found
        except requests.RequestException:
            pass
        time.sleep(0.5)
    told = "\n".join(f"{path.name}: {path.read_text()[-1500:]}" for path in logs.glob("*.log"))
    pytest.fail(f"not within {START_SECONDS} s: {what}\n{told}")


class Gate:
    """Lets requests wait before an application until it is opened."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.is_open = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while not self.is_open:
            await asyncio.sleep(0.05)
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class Services:
    """Code server, web server and daemon at work, and a gate before the source that they are given.

    Attributes:
        web: Port of the web server.
        data: The data folder.
        dsn: Dagster's storage.
        environment: What the services were started with.
        inmet: Stands before INMET.
        logs: What the services say.
    """

    web: int
    data: Path
    dsn: str
    environment: dict[str, str]
    inmet: Gate
    logs: Path

    def launch(self, *assets: tuple[str, str], job: str = "__ASSET_JOB") -> str:
        launched = asked(
            self.web,
            _LAUNCH,
            run={
                "selector": {
                    "repositoryLocationName": "nova_corrente",
                    "repositoryName": "__repository__",
                    "jobName": job,
                    "assetSelection": [{"path": list(asset)} for asset in assets],
                    "assetCheckSelection": [],
                },
                "runConfigData": "{}",
                "mode": "default",
            },
        )["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def ended(self, run_id: str) -> str:
        """How a run ended; nothing as long as it has not."""
        found = str(asked(self.web, _STATUS, id=run_id)["runOrError"]["status"])
        return found if found in ("SUCCESS", "FAILURE", "CANCELED") else ""

    def query(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Ask Dagster's storage."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(statement, values).fetchall()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("services")
    logs = folder / "logs"
    logs.mkdir()
    code, web = free_port(), free_port()
    workspace = yaml.safe_load((CHECKOUT / "deploy" / "workspace.yaml").read_text())
    workspace["load_from"][0]["grpc_server"].update(host="127.0.0.1", port=code)
    (folder / "workspace.yaml").write_text(yaml.safe_dump(workspace))
    cluster = Cluster(folder / "postgresql")
    feeds = FeedServer(FeedWorld("ci", 11, date(2026, 6, 14), Dirt.none()))
    gate = feeds._app = Gate(feeds._app)  # type: ignore[assignment]  # a server that can be made to wait
    with ExitStack() as stack:
        port = stack.enter_context(cluster.running())
        inmet = stack.enter_context(feeds.running())
        stack.callback(setattr, gate, "is_open", True)
        address = urlsplit(cluster.owner_dsn(port))
        with psycopg.connect(cluster.owner_dsn(port).replace(address.path, "/postgres"), autocommit=True) as connection:
            connection.execute("create database dagster")
        inherited = {name: value for name, value in os.environ.items() if not _OWN.match(name)}
        environment = {
            **inherited,
            "NOVA_DATA": str(folder / "data"),
            "NOVA_TODAY": "2026-06-15",
            "INMET_BASE_URL": f"{inmet}/inmet",
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(port),
            "DAGSTER_PG_USER": str(address.username),
            "DAGSTER_PG_PASSWORD": str(address.password),
            "DAGSTER_PG_DB": "dagster",
        }
        where = ["-w", str(folder / "workspace.yaml")]
        for name, command in (
            ("code", ["code-server", "--sources", "live", "--port", str(code)]),
            ("web", ["dagster", "dagster-webserver", "-h", "127.0.0.1", "-p", str(web), *where]),
            ("daemon", ["dagster", "dagster-daemon", "run", *where]),
        ):
            stack.enter_context(service(name, command, environment, logs))

        def is_loaded() -> bool:
            entries = asked(web, _LOCATIONS)["workspaceOrError"]["locationEntries"]
            return [entry["locationOrLoadError"] for entry in entries] == [{"__typename": "RepositoryLocation"}]

        wait_for("the web server shows the definitions of the code server", is_loaded, logs)
        dsn = cluster.owner_dsn(port).replace(address.path, "/dagster")
        yield Services(web, folder / "data", dsn, environment, gate, logs)


@pytest.mark.slow
def test_a_run_goes_through_code_server_daemon_and_web_server_over_postgresql(services: Services) -> None:
    run_id = services.launch(("calendar", "holidays"))
    assert wait_for("the run ends", lambda: services.ended(run_id), services.logs) == "SUCCESS"

    def are_healthy() -> bool:
        daemons = asked(services.web, _DAEMONS)["instance"]["daemonHealth"]["allDaemonStatuses"]
        return all(daemon["healthy"] for daemon in daemons if daemon["required"])

    wait_for("all daemons are healthy", are_healthy, services.logs)
    assert services.query("select status from runs where run_id = %s", run_id) == [("SUCCESS",)]
    assert list((services.data / "lake" / "bronze" / "calendar" / "holidays").rglob("year=*/**/*.parquet"))
    assert list((services.data / "dagster").rglob("*.db")) == []
    assert "Not set in the environment" in (services.logs / "code.log").read_text()


@pytest.mark.slow
def test_a_run_whose_process_is_killed_goes_on_at_the_step_that_it_was_at(services: Services) -> None:
    services.inmet.is_open = False
    killed = services.launch(("calendar", "holidays"), ("inmet", "stations"), job="daily")
    steps = "select step_key, event::json -> 'dagster_event' ->> 'pid' from event_logs "
    steps += "where run_id = %s and dagster_event_type = %s order by id"

    def waits_for_inmet() -> list[int]:
        started = services.query(steps, killed, "STEP_START")
        return [int(pid) for step, pid in started if step == "inmet__stations"]

    (process,) = wait_for("the run asks INMET", waits_for_inmet, services.logs)
    assert [step for step, _ in services.query(steps, killed, "STEP_SUCCESS")] == ["calendar__holidays"]
    os.kill(process, signal.SIGKILL)
    services.inmet.is_open = True

    def resumed() -> list[str]:
        found = services.query("select run_id from run_tags where key = 'dagster/parent_run_id' and value = %s", killed)
        return [run_id for (run_id,) in found]

    (run_id,) = wait_for("the daemon starts it again", resumed, services.logs)
    assert wait_for("the resumed run ends", lambda: services.ended(run_id), services.logs) == "SUCCESS"
    assert services.ended(killed) == "FAILURE"
    assert [step for step, _ in services.query(steps, run_id, "STEP_SUCCESS")] == ["inmet__stations"]
    assert list((services.data / "lake" / "bronze" / "inmet" / "stations").rglob("year=*/**/*.parquet"))
    failures = services.data / "logs" / "failures.jsonl"
    assert not failures.exists(), "nobody is told of a run that goes on by itself"
