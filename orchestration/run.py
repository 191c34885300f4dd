"""Start a job as an operator would, show what it does, and sum up what came of it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from extractors.catalog import TABLES
from extractors.http import IS_UNAVAILABLE
from orchestration.failures import RunFailure, error_of, tell
from orchestration.platform import CHECKOUT, Platform, executable
from orchestration.site import built_site
from publication import gold
from publication.store import GoldStore
from publication.tables import published_tables

REPORT_ONLY, ARRIVALS_ONLY = "report", "arrivals"
_SELECTION = "__ASSET_JOB"  # Dagster's name for a run of selected assets
LOG, ARRIVALS_LOG = "daily.log", "arrivals.log"
WHOLE_RUN = "run"  # the cause of a failure that no step reported
_JUDGE_ARRIVALS = "quality__arrivals"
_POLL_SECONDS = 0.3
_LOCK_WAIT_SECONDS = 600
_STOP_SECONDS = 20
_STEP_ENDS = {"STEP_SUCCESS", "STEP_FAILURE"}
# Others, such as the plan of what will be made, speak also of steps that the run never comes to.
_TOLD_EVENTS = _STEP_ENDS | {"STEP_START", "ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION"}


@dataclass
class StepOutcome:
    """What one step did: its assets' metadata by asset key, checks passed or not, seconds, the error if it failed."""

    seconds: float = 0.0
    error: str | None = None
    assets: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    checks: dict[str, bool] = field(default_factory=dict)


class RunFailedError(Exception):
    """The job did not succeed; the message says which step, why, and where the log is.

    Args:
        message: The above.
        steps: What the steps did that ended, as far as the run came.
    """

    def __init__(self, message: str, steps: Mapping[str, StepOutcome] | None = None) -> None:
        super().__init__(message)
        self.steps = steps or {}


class RunLock:
    """The installation's run lock, held by one `nova` command and by the job that it started.

    The job runs in a process group of its own, whose number stands in the lock file: when the command that started it
    was killed, the next one ends the orphan instead of waiting for it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT)

    def acquire(self, echo: Callable[[str], None]) -> None:
        """Take the lock, waiting for a living owner and ending an orphaned job.

        Raises:
            RunFailedError: If another run still holds it after ten minutes.
        """
        waited_since = time.monotonic()
        is_told = False
        while not self._try():
            if self._end_orphan():
                echo("Ended the job of a run that was killed.")
            elif not is_told:
                echo("Another run is at work on this installation; waiting for it to end …")
                is_told = True
            if time.monotonic() - waited_since > _LOCK_WAIT_SECONDS:
                raise RunFailedError(
                    f"another run still holds {self._path} after {_LOCK_WAIT_SECONDS} s; stop it, then run again"
                )
            time.sleep(_POLL_SECONDS)
        self.note(job_group=None)

    def note(self, *, job_group: int | None) -> None:
        """Write down who holds the lock: this process and, if it runs, the job's process group."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, json.dumps({"owner": os.getpid(), "job_group": job_group}).encode(), 0)

    def release(self) -> None:
        """Give the lock back."""
        os.close(self.descriptor)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _end_orphan(self) -> bool:
        """Kill the job of an owner that is gone; True if there was one."""
        try:
            holder = json.loads(os.pread(self.descriptor, 4096, 0))
        except ValueError:
            return False
        if holder["job_group"] is None or _is_alive(holder["owner"]):
            return False
        with suppress(ProcessLookupError):
            os.killpg(holder["job_group"], signal.SIGKILL)
        return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def only_run(place: Platform, echo: Callable[[str], None]) -> Iterator[RunLock]:
    """Hold the installation's run lock."""
    lock = RunLock(place.data / "run.lock")
    try:
        lock.acquire(echo)
        yield lock
    finally:
        lock.release()


def close_killed_runs(instance: DagsterInstance) -> int:
    """Mark runs whose process is gone as failed and give back the pool slots they held.

    Called only while the run lock is held, so that no run started by this command can be alive.
    """
    unfinished = [DagsterRunStatus.STARTED, DagsterRunStatus.STARTING]
    killed = instance.get_runs(RunsFilter(statuses=unfinished))
    for run in killed:
        if "dagster/schedule_name" in run.tags or ".dagster/grpc_info" in run.tags:
            continue
        instance.report_run_failed(run, "The process of this run was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(killed)


def job_name(*, extract: bool, report: bool) -> str:
    """The job that runs the wanted parts of the daily one; `orchestration.schedules` defines them."""
    return f"{'daily' if extract else 'build'}{'' if report else '_without_report'}"


def run_job(
    place: Platform,
    environment: Mapping[str, str],
    lock: RunLock,
    on_step: Callable[[str, StepOutcome], None],
    job: str,
    *,
    full_refresh: bool = False,
) -> dict[str, StepOutcome]:
    """Run a job through Dagster in a process group of its own.

    Of a run that a source stopped, what the other sources brought is judged nevertheless, so that all that is wrong is
    told at once. Nothing is built from it.

    Args:
        place: The installation.
        environment: Variables for the job: where the sources are, which day it is.
        lock: The run lock, inherited by the job.
        on_step: Called with each step's name and outcome as it ends.
        job: Its name.
        full_refresh: Build every table from bronze anew.

    Raises:
        RunFailedError: If a step fails or the job does not start.
    """
    arguments = ["--job", job]
    if full_refresh:
        arguments += ["--config-json", json.dumps({"ops": {"warehouse": {"config": {"full_refresh": True}}}})]
    try:
        return _launch(place, environment, lock, on_step, job=job, arguments=arguments, log=LOG)
    except RunFailedError as error:
        if not is_stopped_by_a_source(error.steps):
            raise
        steps = dict(error.steps)
    try:
        judged = ["--job", ARRIVALS_ONLY]
        steps |= _launch(place, environment, lock, on_step, job=ARRIVALS_ONLY, arguments=judged, log=ARRIVALS_LOG)
    except RunFailedError as error:
        steps |= error.steps or {_JUDGE_ARRIVALS: StepOutcome(error=str(error))}
    raise _failure(place, steps)


def is_stopped_by_a_source(steps: Mapping[str, StepOutcome]) -> bool:
    """Whether a run failed at a source and therefore did not judge what the others brought."""
    failed, _ = causes(steps)
    return _JUDGE_ARRIVALS not in steps and any(table.source in failed for table in TABLES)


def run_backfill(
    place: Platform,
    environment: Mapping[str, str],
    lock: RunLock,
    on_step: Callable[[str, StepOutcome], None],
    *,
    assets: str,
    partitions: tuple[str, str],
) -> dict[str, StepOutcome]:
    """Materialize partitions of assets in one run, through Dagster in a process group of its own.

    Args:
        place: The installation.
        environment: Variables for the run: where the sources are, which day it is.
        lock: The run lock, inherited by the run.
        on_step: Called with each step's name and outcome as it ends.
        assets: Dagster's words for the assets; all are partitioned alike.
        partitions: First and last partition.

    Raises:
        RunFailedError: If a step fails or the run does not start.
    """
    arguments = ["--assets", assets, "--partition-range", "...".join(partitions)]
    return _launch(place, environment, lock, on_step, job=_SELECTION, arguments=arguments, log=LOG)


def _launch(
    place: Platform,
    environment: Mapping[str, str],
    lock: RunLock,
    on_step: Callable[[str, StepOutcome], None],
    *,
    job: str,
    arguments: list[str],
    log: str,
) -> dict[str, StepOutcome]:
    instance = DagsterInstance.from_config(str(place.dagster_home))
    close_killed_runs(instance)
    file = place.logs / log
    started_at = datetime.now(UTC)
    with file.open("w") as output:
        process = subprocess.Popen(
            [executable("dg"), "launch", *arguments],
            cwd=CHECKOUT,
            env={**os.environ, **environment, **place.environment(), "VIRTUAL_ENV": sys.prefix},
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lock.descriptor,),
            start_new_session=True,
        )
        try:
            lock.note(job_group=process.pid)
            steps = _follow(job, instance, process, started_at, on_step)
        finally:
            _end(process)
            lock.note(job_group=None)
    failed = {name: step.error for name, step in steps.items() if step.error}
    if failed:
        run_id = instance.get_runs(RunsFilter(job_name=job, created_after=started_at), limit=1)[0].run_id
        tell(RunFailure(run_id, job, datetime.now(UTC), failed), place)
        raise _failure(place, steps)
    if process.returncode:
        tail = "\n".join(file.read_text(errors="replace").splitlines()[-20:])
        raise RunFailedError(f"the job ended with exit code {process.returncode}; {file} ends with:\n{tail}")
    return steps


def _failure(place: Platform, steps: Mapping[str, StepOutcome]) -> RunFailedError:
    """The error of a run with failed steps: a paragraph for each cause."""
    failed, _ = causes(steps)
    told = "\n".join(f"{cause}: {message}" for cause, message in failed.items())
    return RunFailedError(f"{told}\nThe published version stays as it was. Full log: {place.logs / LOG}", steps)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop the job if it still runs, and whatever it left behind."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _follow(
    job: str,
    instance: DagsterInstance,
    process: subprocess.Popen[bytes],
    started_at: datetime,
    on_step: Callable[[str, StepOutcome], None],
) -> dict[str, StepOutcome]:
    """Read the run's events until its process ends."""
    steps: dict[str, StepOutcome] = defaultdict(StepOutcome)
    starts: dict[str, float] = {}
    run_id: str | None = None
    cursor: str | None = None
    while True:
        is_over = process.poll() is not None
        if run_id is None:
            runs = instance.get_runs(RunsFilter(job_name=job, created_after=started_at), limit=1)
            run_id = runs[0].run_id if runs else None
        if run_id is not None:
            has_more = True
            while has_more:
                page = instance.get_records_for_run(run_id, cursor)
                cursor, has_more = page.cursor, page.has_more
                for record in page.records:
                    _apply(record.event_log_entry, steps, starts, on_step)
        if is_over:
            return dict(steps)
        time.sleep(_POLL_SECONDS)


def _apply(
    entry: Any,
    steps: dict[str, StepOutcome],
    starts: dict[str, float],
    on_step: Callable[[str, StepOutcome], None],
) -> None:
    """Take one event into the outcome of its step."""
    event = entry.dagster_event
    if event is None or event.step_key is None or event.event_type_value not in _TOLD_EVENTS:
        return
    kind, step = event.event_type_value, steps[event.step_key]
    if kind == "STEP_START":
        starts[event.step_key] = entry.timestamp
    elif kind == "ASSET_MATERIALIZATION":
        materialization = event.step_materialization_data.materialization
        step.assets[tuple(materialization.asset_key.path)] = {
            name: value.value for name, value in materialization.metadata.items()
        }
    elif kind == "ASSET_CHECK_EVALUATION":
        evaluation = event.asset_check_evaluation_data
        step.checks[f"{evaluation.asset_key.to_user_string()} {evaluation.check_name}"] = evaluation.passed
    elif kind in _STEP_ENDS:
        step.seconds = entry.timestamp - starts.get(event.step_key, entry.timestamp)
        if kind == "STEP_FAILURE":
            step.error = error_of(event.step_failure_data)
        on_step(event.step_key, step)


@dataclass(frozen=True)
class Summary:
    """What the operator is told at the end.

    Attributes:
        rows: Source to (rows landed now, rows that were already there).
        checks: Passed, warned and failed checks.
        version: Published version of gold, and whether it is new.
        below_reorder_point: Item-locations at or below their reorder point.
        as_of_on: Last closed day of the data.
        report: Folder of the site built from this version, if there is one.
    """

    rows: dict[str, tuple[int, int]]
    checks: dict[str, int]
    version: str
    is_new: bool
    below_reorder_point: int
    as_of_on: str | None
    report: Path | None


def summarize(place: Platform, steps: Mapping[str, StepOutcome]) -> Summary:
    """Sum up a run from its steps and from published gold."""
    rows: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    is_new = False
    for step in steps.values():
        for key, metadata in step.assets.items():
            if "rows_landed" in metadata:
                landed, unchanged = rows[key[0]]
                rows[key[0]] = (landed + int(metadata["rows_landed"]), unchanged + int(metadata["rows_unchanged"]))
            elif key == ("gold", "current"):
                is_new = bool(metadata["is_new"])
    pointer = gold.current(GoldStore(place.gold_root))
    if pointer is None:
        raise RunFailedError(f"nothing is published in {place.gold_root}; see {place.logs / LOG}")
    return Summary(
        rows=dict(rows),
        checks=pointer["checks"],
        version=str(pointer["version"]),
        is_new=is_new,
        below_reorder_point=count_below_reorder_point(place, pointer),
        as_of_on=pointer.get("as_of_on"),
        report=built_site(place, str(pointer["version"])),
    )


def count_below_reorder_point(place: Platform, pointer: Mapping[str, Any]) -> int:
    """Item-locations of published gold whose position is at or below the reorder point."""
    with published_tables(place.gold_root, pointer, ["rpt_replenishment"]) as connection:
        counted = connection.execute("select count(*) from rpt_replenishment where is_below_reorder_point").fetchone()
    return int(counted[0]) if counted else 0


def causes(steps: Mapping[str, StepOutcome]) -> tuple[dict[str, str], set[str]]:
    """What a run failed for, with what was seen, and what it did without failing.

    A cause is the source of a feed (``inmet``) or the stage of any other step (``warehouse``, ``gold``): two tables of
    a source that is down are one cause.
    """
    errors: dict[str, dict[str, str]] = defaultdict(dict)
    for key, step in sorted(steps.items()):
        if step.error:
            errors[cause_of(key)][key] = step.error
    return {cause: _told(found) for cause, found in errors.items()}, {cause_of(key) for key in steps} - set(errors)


def _told(errors: Mapping[str, str]) -> str:
    """What the failed steps of one cause said; a source that is down says it once for all its tables."""
    down = [key for key, error in errors.items() if IS_UNAVAILABLE in error]
    told = [error for key, error in errors.items() if key not in down[1:]]
    if len(down) > 1:
        told.append(f"Likewise {', '.join(asset_name(key) for key in down[1:])}.")
    return "\n".join(told)


def cause_of(step_key: str) -> str:
    """The source or stage that a step belongs to: ``inmet__observations`` is ``inmet``."""
    return step_key.partition("__")[0]


def asset_name(step_key: str) -> str:
    """Step key as operators know it: ``erp__items`` is ``erp/items``."""
    return step_key.replace("__", "/", 1)
