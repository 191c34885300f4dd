"""Kill runs of the daily job with SIGKILL, and look at what they leave: shared by the named moments and by chaos."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress

from conftest import CHECKOUT, Installation
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from publication import gold
from publication.store import GoldStore

_LONGEST_SECONDS = 900
DAILY = ("run", "--size", "ci", "--no-report")


def start(installation: Installation) -> subprocess.Popen[bytes]:
    """Start a daily run in a process group of its own; its job is in another."""
    (installation.data / "logs" / "daily.log").unlink(missing_ok=True)
    return subprocess.Popen(
        installation.command(*DAILY),
        cwd=CHECKOUT,
        env=installation.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait_for(installation: Installation, process: subprocess.Popen[bytes], words: str) -> None:
    """Wait until the job's log holds some words, the command ends, or the time is up."""
    log = installation.data / "logs" / "daily.log"
    deadline = time.monotonic() + _LONGEST_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if log.exists() and words in log.read_text(errors="replace"):
            return
        time.sleep(0.05)


def kill(installation: Installation, process: subprocess.Popen[bytes], *, command: bool, job: bool) -> bool:
    """Kill the command, its job, or both, job first; False if the command had ended by itself.

    While there is no job yet the command is killed in its stead.
    """
    is_running = process.poll() is None
    group = job_group(installation) if job else None
    if group is not None:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    if command or group is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return is_running


def job_group(installation: Installation) -> int | None:
    """Process group of the job that the lock names, if one is noted."""
    with suppress(FileNotFoundError, ValueError):
        group = json.loads((installation.data / "run.lock").read_text())["job_group"]
        return None if group is None else int(group)
    return None


def published_version(installation: Installation) -> str | None:
    """The version that readers use, every file of which has its checksum; None before the first publication."""
    store = GoldStore(str(installation.gold))
    pointer = gold.current(store)
    if pointer is None:
        return None
    assert gold.verify(store) == []
    assert pointer["version"] in {manifest["version"] for manifest in gold.versions(store)}
    return str(pointer["version"])


def assert_nothing_is_held(installation: Installation) -> None:
    """After a run that succeeded: no job noted, no run unfinished, no pool slot taken."""
    assert job_group(installation) is None
    instance = DagsterInstance.from_config(str(installation.data / "dagster"))
    unfinished = [DagsterRunStatus.STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.CANCELING]
    assert instance.get_runs(RunsFilter(statuses=unfinished)) == []
    storage = instance.event_log_storage
    slots = {key: storage.get_concurrency_info(key).active_slot_count for key in storage.get_concurrency_keys()}
    assert set(slots.values()) <= {0}, slots
