"""dbt outlives a run that is killed with SIGKILL; the next one to use the warehouse ends it first."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from orchestration.platform import Platform

_FILE = "dbt.pid.json"
_WAIT_SECONDS = 20


def note(place: Platform, pid: int) -> None:
    """Take down the dbt that a step started."""
    place.dbt_target.mkdir(parents=True, exist_ok=True)
    draft = place.dbt_target / f".{_FILE}.{os.getpid()}.tmp"
    draft.write_text(json.dumps({"pid": pid, "started": _started(pid)}))
    draft.replace(place.dbt_target / _FILE)


def forget(place: Platform) -> None:
    """The dbt that was taken down has ended."""
    (place.dbt_target / _FILE).unlink(missing_ok=True)


def end_orphan(place: Platform) -> bool:
    """End the dbt of a run that is gone, so that the warehouse can be opened; True if there was one.

    Called only by a step that holds the warehouse's pool: no living run can have a dbt then.
    """
    file = place.dbt_target / _FILE
    if not file.exists():
        return False
    noted = json.loads(file.read_text())
    pid, started = int(noted["pid"]), noted["started"]
    is_alive = started is not None and _started(pid) == started
    if is_alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + _WAIT_SECONDS
        while _started(pid) == started and time.monotonic() < deadline:
            time.sleep(0.1)
    forget(place)
    return is_alive


def _started(pid: int) -> str | None:
    """When a process started, in ticks of the kernel: a later one of its number differs. None if it is gone."""
    try:
        state, *_, started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:20]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else started
