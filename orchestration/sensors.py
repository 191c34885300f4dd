"""What starts or tells something by itself: files that people or programs leave, and runs that fail."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import WILL_RETRY_TAG

from extractors.forecasts import delivered_files
from extractors.inbox import UNFINISHED_PREFIXES, UNFINISHED_SUFFIXES
from orchestration.alerting import alert_settings, tell_run
from orchestration.failures import RunFailure, error_of, tell
from orchestration.resources import PlatformResource
from orchestration.run import WHOLE_RUN, StepOutcome, cause_of, causes, is_stopped_by_a_source
from orchestration.schedules import BUILDS_TAG, arrivals, daily, forecasts, uploads

_SECONDS = 60
# A file that was touched more recently may still be on its way.
_SETTLED_SECONDS = 20


def state_of(files: Sequence[Path]) -> str | None:
    """Identity of files by name, size and time; None if there is none, or one may still be on its way."""
    digest = hashlib.sha256()
    for path in files:
        found = path.stat()
        if time.time() - found.st_mtime < _SETTLED_SECONDS:
            return None
        digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16] if files else None


def _left_in(inbox: Path) -> list[Path]:
    return sorted(
        path
        for path in inbox.glob("*")
        if path.is_file()
        and not path.name.startswith(UNFINISHED_PREFIXES)
        and not path.name.lower().endswith(UNFINISHED_SUFFIXES)
    )


def _request(files: Sequence[Path], folder: str) -> dg.RunRequest | dg.SkipReason:
    """A run for the files as they are now; the same files ask once, so a refused one does not ask for ever."""
    state = state_of(files)
    return (
        dg.SkipReason(f"no finished file in {folder or 'any folder: none is set'}")
        if state is None
        else dg.RunRequest(state)
    )


@dg.sensor(
    job=uploads,
    minimum_interval_seconds=_SECONDS,
    description="A workbook in uploads/inbox is taken in, built and published.",
)
def new_workbook(platform: PlatformResource) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when buyers left a workbook."""
    inbox = f"{platform.settings().uploads_path}/inbox"
    return _request(_left_in(Path(inbox)), inbox)


@dg.sensor(
    job=forecasts,
    minimum_interval_seconds=_SECONDS,
    description="A result in exports/ml_results is taken in, built and published.",
)
def new_forecast(platform: PlatformResource) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when the forecasting environment left a result."""
    folder = platform.settings().forecasts_path
    return _request(delivered_files(folder), folder)


@dg.run_failure_sensor(
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    request_job=arrivals,
    description="Every failed run is taken down in logs/failures.jsonl, with the step and the reason.",
)
def failed_run(context: dg.RunFailureSensorContext, platform: PlatformResource) -> dg.RunRequest | dg.SkipReason:
    """Tell of a run that failed, unless it goes on by itself; what a source kept from being judged is judged now."""
    if context.dagster_run.tags.get(WILL_RETRY_TAG) == "true":
        return dg.SkipReason("the run goes on by itself")
    errors = {event.step_key or "": error_of(event.step_failure_data) for event in context.get_step_failure_events()}
    failure = RunFailure(
        run_id=context.dagster_run.run_id,
        job=context.dagster_run.job_name,
        failed_at=datetime.now(UTC),
        errors=errors or {"": context.failure_event.message or "the run ended without a word"},
    )
    place = platform.platform()
    if not tell(failure, place):
        return dg.SkipReason("told before")
    steps = {step: StepOutcome(error=error) for step, error in errors.items()}
    failed, succeeded = causes(steps)
    if not failed:
        failed[WHOLE_RUN] = next(iter(failure.errors.values()))
    tell_run(place, alert_settings(place, os.environ), failure.failed_at, failed=failed, succeeded=succeeded)
    if BUILDS_TAG in context.dagster_run.tags and is_stopped_by_a_source(steps):
        return dg.RunRequest(failure.run_id)
    return dg.SkipReason("nothing else to do")


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    minimum_interval_seconds=_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="What failed before and went well now is told as mended.",
)
def mended_run(context: dg.RunStatusSensorContext, platform: PlatformResource) -> None:
    """Close the alerts of what this run did; what it did not come to stays open."""
    run = context.dagster_run
    succeeded = {cause_of(step.step_key) for step in context.instance.get_run_step_stats(run.run_id)}
    if run.job_name == daily.name:
        succeeded.add(WHOLE_RUN)
    place = platform.platform()
    tell_run(place, alert_settings(place, os.environ), datetime.now(UTC), failed={}, succeeded=succeeded)


SENSORS = [new_workbook, new_forecast, failed_run, mended_run]
