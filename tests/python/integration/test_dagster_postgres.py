"""Dagster as docker-compose.yml runs it: code server, daemon and web server, with their storage in PostgreSQL."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
import yaml

from orchestration.platform import CHECKOUT
from simulator.postgres import Cluster

START_SECONDS = 240
_OWN = re.compile(r"^(NOVA_|LAKE_|WAREHOUSE|DAGSTER_|DBT_|AWS_|ERP_|ALERTS_)")
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


@pytest.mark.slow
def test_a_run_goes_through_code_server_daemon_and_web_server_over_postgresql(tmp_path: Path) -> None:
    logs = tmp_path / "services"
    logs.mkdir()
    code, web = free_port(), free_port()
    workspace = yaml.safe_load((CHECKOUT / "deploy" / "workspace.yaml").read_text())
    workspace["load_from"][0]["grpc_server"].update(host="127.0.0.1", port=code)
    (tmp_path / "workspace.yaml").write_text(yaml.safe_dump(workspace))
    cluster = Cluster(tmp_path / "postgresql")
    with ExitStack() as stack:
        port = stack.enter_context(cluster.running())
        address = urlsplit(cluster.owner_dsn(port))
        with psycopg.connect(cluster.owner_dsn(port).replace(address.path, "/postgres"), autocommit=True) as connection:
            connection.execute("create database dagster")
        inherited = {name: value for name, value in os.environ.items() if not _OWN.match(name)}
        environment = {
            **inherited,
            "NOVA_DATA": str(tmp_path / "data"),
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(port),
            "DAGSTER_PG_USER": str(address.username),
            "DAGSTER_PG_PASSWORD": str(address.password),
            "DAGSTER_PG_DB": "dagster",
        }
        where = ["-w", str(tmp_path / "workspace.yaml")]
        for name, command in (
            ("code", ["code-server", "--sources", "files", "--port", str(code)]),
            ("web", ["dagster", "dagster-webserver", "-h", "127.0.0.1", "-p", str(web), *where]),
            ("daemon", ["dagster", "dagster-daemon", "run", *where]),
        ):
            stack.enter_context(service(name, command, environment, logs))

        def is_loaded() -> bool:
            entries = asked(web, _LOCATIONS)["workspaceOrError"]["locationEntries"]
            return [entry["locationOrLoadError"] for entry in entries] == [{"__typename": "RepositoryLocation"}]

        wait_for("the web server shows the definitions of the code server", is_loaded, logs)
        launched = asked(
            web,
            _LAUNCH,
            run={
                "selector": {
                    "repositoryLocationName": "nova_corrente",
                    "repositoryName": "__repository__",
                    "jobName": "__ASSET_JOB",
                    "assetSelection": [{"path": ["calendar", "holidays"]}],
                },
                "runConfigData": "{}",
                "mode": "default",
            },
        )["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]

        def status() -> str:
            found = str(asked(web, _STATUS, id=run_id)["runOrError"]["status"])
            return found if found in ("SUCCESS", "FAILURE", "CANCELED") else ""

        assert wait_for("the run ends", status, logs) == "SUCCESS"

        def are_healthy() -> bool:
            daemons = asked(web, _DAEMONS)["instance"]["daemonHealth"]["allDaemonStatuses"]
            return all(daemon["healthy"] for daemon in daemons if daemon["required"])

        wait_for("all daemons are healthy", are_healthy, logs)
        with psycopg.connect(cluster.owner_dsn(port).replace(address.path, "/dagster")) as connection:
            kept = connection.execute("select status from runs where run_id = %s", [run_id]).fetchone()
        assert kept == ("SUCCESS",)
    assert list((tmp_path / "data" / "lake" / "bronze" / "calendar" / "holidays").rglob("year=*/**/*.parquet"))
    assert list((tmp_path / "data" / "dagster").rglob("*.db")) == []
