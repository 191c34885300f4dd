"""A run that is killed at any moment leaves gold whole, and the next run finishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import CHECKOUT, Installation, run_succeeded

from publication import gold
from publication.store import GoldStore


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation.at(tmp_path_factory.mktemp("killed") / "data")


def start_and_kill(installation: Installation, *, when_log_says: str | None, after_seconds: float) -> None:
    """Start a run and kill the command, not its job, with SIGKILL when the job's log names a step or a time is up."""
    log = installation.data / "logs" / "daily.log"
    log.unlink(missing_ok=True)
    process = subprocess.Popen(
        installation.command("run", "--size", "ci", "--no-report"),
        cwd=CHECKOUT,
        env=installation.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while when_log_says is not None and process.poll() is None and time.monotonic() < deadline:
        if log.exists() and when_log_says in log.read_text(errors="replace"):
            break
        time.sleep(0.05)
    time.sleep(after_seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def assert_gold_is_whole_or_absent(installation: Installation) -> None:
    store = GoldStore(str(installation.gold))
    if gold.current(store) is not None:
        assert gold.verify(store) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when_log_says", "after_seconds"),
    [
        pytest.param(None, 2.0, id="while the company is created"),
        pytest.param("- erp - STEP_START", 0.5, id="while bronze is written"),
        pytest.param("warehouse - STEP_START", 8.0, id="while dbt builds"),
        pytest.param("gold__current - STEP_START", 0.0, id="while gold is published"),
    ],
)
def test_killed_run_leaves_gold_whole(
    installation: Installation, when_log_says: str | None, after_seconds: float
) -> None:
    start_and_kill(installation, when_log_says=when_log_says, after_seconds=after_seconds)
    assert_gold_is_whole_or_absent(installation)


@pytest.mark.slow
def test_next_run_after_the_kills_finishes(installation: Installation) -> None:
    output = run_succeeded(installation.nova("run", "--size", "ci", "--no-report"))
    assert " 0 failed" in output
    assert gold.verify(GoldStore(str(installation.gold))) == []
    holder = json.loads(Path(installation.data / "run.lock").read_text())
    assert holder["job_group"] is None
