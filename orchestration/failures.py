"""What is told of a run that failed: one structured line, from whichever way the run was started."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.logs import masked, secrets_in
from orchestration.platform import Platform

if TYPE_CHECKING:
    from dagster._core.execution.plan.objects import StepFailureData

_FILE = "failures.jsonl"
_KEPT_LINES = 1_000


def error_of(failure: StepFailureData) -> str:
    """What a step said when it failed: its own words, or those of the error at the root of Dagster's."""
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error is not None and error.message.strip() else "failed without a message"


@dataclass(frozen=True)
class RunFailure:
    """A run that did not succeed.

    Attributes:
        run_id: Dagster's id; a run is told once.
        job: Name of the job.
        failed_at: UTC.
        errors: Step (empty if the run ended before or between steps) to what it said.
    """

    run_id: str
    job: str
    failed_at: datetime
    errors: Mapping[str, str]


def failures_file(place: Platform) -> Path:
    """One JSON object a line, oldest first; the newest thousand."""
    return place.logs / _FILE


def tell(failure: RunFailure, place: Platform) -> bool:
    """Take down a failed run; every way of starting runs ends here, so what else is to hear of it belongs here.

    Returns:
        False if this run was told already.
    """
    file = failures_file(place)
    before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    if any(json.loads(line)["run_id"] == failure.run_id for line in before):
        return False
    told = {
        **asdict(failure),
        "failed_at": failure.failed_at.astimezone(UTC).isoformat(timespec="seconds"),
        "errors": {step: masked(error, secrets_in(os.environ)) for step, error in failure.errors.items()},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [*before[1 - _KEPT_LINES :], json.dumps(told, ensure_ascii=False)]
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(file)
    return True
