"""Measure what the budgets of docs/benchmarks.md speak of, on an installation of its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestration.platform import CHECKOUT


@dataclass(frozen=True)
class Measurement:
    """One timed command.

    Attributes:
        what: What the command stands for.
        seconds: Wall time.
        peak_mb: Largest resident size of a single process among the command and its children so far, in MB.
    """

    what: str
    seconds: float
    peak_mb: float


@contextmanager
def in_a_new_installation() -> Iterator[dict[str, str]]:
    """The environment of an installation that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
        yield {
            name: value
            for name, value in os.environ.items()
            if name not in {"LAKE_ROOT", "WAREHOUSE_PATH", "DAGSTER_HOME", "NOVA_TODAY"}
        } | {"NOVA_DATA": str(Path(folder) / "data")}


def children_peak_mb() -> float:
    """Largest resident size among the processes that this one started and waited for, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def nova(arguments: Sequence[str], environment: dict[str, str]) -> None:
    """Run a command of the platform.

    Raises:
        RuntimeError: It failed; the message is its own.
    """
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"nova {' '.join(arguments)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def measure_daily_runs(size: str, *, with_report: bool, report: Callable[[Measurement], None]) -> list[Measurement]:
    """Time the first run, the same run again, and one more day, on a new demonstration company.

    Args:
        size: ``ci``, ``demo`` or ``full``.
        with_report: Whether the runs build the report.
        report: Called with each measurement as it is made.

    Raises:
        RuntimeError: If a run fails.
    """
    measurements: list[Measurement] = []
    run = ["run", "--size", size, "--report" if with_report else "--no-report"]
    steps: list[tuple[str, list[str]]] = [
        ("first run, with the company's creation", run),
        ("the same day again", run),
        ("the company lives one more day", ["simulate", "--days", "1"]),
        ("one more day", run),
    ]
    with in_a_new_installation() as environment:
        for what, arguments in steps:
            started = time.monotonic()
            nova(arguments, environment)
            measurement = Measurement(what, time.monotonic() - started, children_peak_mb())
            report(measurement)
            measurements.append(measurement)
    return measurements
