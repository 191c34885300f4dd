"""What is no longer needed, and its removal: old versions of gold, superseded vintages, logs and records of runs.

Nothing that is kept for a reason goes. Of gold stay the newest versions, the one that readers are pointed at, and each
that was theirs until recently, because a reader that began with it may still be reading. Of bronze go only vintages
that a newer one of the same partition replaces as a whole, and of tables of which nothing reads older vintages; the
public series, which are revised, and the changes of the ERP are kept for ever.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from extractors import catalog
from extractors.lake import Lake
from orchestration.platform import Platform
from publication import gold
from publication.store import GoldStore

logger = logging.getLogger(__name__)

KEPT_VERSIONS = 30
# A reader that took the pointer before it moved on has this long to finish.
GRACE = timedelta(hours=24)
SUPERSEDED_KEPT = timedelta(days=90)
RUNS_KEPT = timedelta(days=90)
LOGS_KEPT = timedelta(days=90)
_RUNS_AT_ONCE = 200
_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]


@dataclass(frozen=True)
class Retention:
    """What may go.

    Attributes:
        versions: Versions of gold.
        vintages: Paths of bronze files.
        logs: Files of the logs folder and of Dagster's step output.
        runs: Ids of Dagster's runs, with their events.
    """

    versions: tuple[str, ...]
    vintages: tuple[str, ...]
    logs: tuple[Path, ...]
    runs: tuple[str, ...]


def plan(place: Platform, instance: DagsterInstance, now: datetime | None = None) -> Retention:
    """Decide what may go, and touch nothing."""
    moment = now or datetime.now(UTC)
    lake = Lake(place.lake_root)
    return Retention(
        versions=tuple(gold.removable(GoldStore(place.gold_root), keep=KEPT_VERSIONS, grace=GRACE, now=moment)),
        vintages=tuple(
            path
            for table in catalog.TABLES
            if catalog.forgets_superseded(table)
            for path in lake.superseded(table, before=moment - SUPERSEDED_KEPT)
        ),
        logs=tuple(_old_logs(place, moment - LOGS_KEPT)),
        runs=tuple(_old_runs(instance, moment - RUNS_KEPT)),
    )


def apply(place: Platform, instance: DagsterInstance, planned: Retention) -> None:
    """Remove what was planned; safe to run again after it was interrupted."""
    store = GoldStore(place.gold_root)
    for version in planned.versions:
        gold.remove(store, version)
    Lake(place.lake_root).remove_vintages(planned.vintages)
    for path in planned.logs:
        path.unlink(missing_ok=True)
    for run_id in planned.runs:
        instance.delete_run(run_id)
    logger.info(
        "removed %d versions of gold, %d superseded vintages, %d log files, %d records of runs",
        *(len(part) for part in (planned.versions, planned.vintages, planned.logs, planned.runs)),
    )


def _old_logs(place: Platform, before: datetime) -> list[Path]:
    folders = (place.logs, place.dagster_home / "storage")
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix in {".log", ".out", ".err", ".complete"}
        and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
    )


def _old_runs(instance: DagsterInstance, before: datetime) -> list[str]:
    """Runs that ended long ago, but never the newest successful one of a job: freshness and lineage hang on it."""
    old: list[str] = []
    cursor = None
    while records := instance.get_run_records(RunsFilter(statuses=_ENDED), limit=_RUNS_AT_ONCE, cursor=cursor):
        old += [record.dagster_run.run_id for record in records if record.update_timestamp.astimezone(UTC) < before]
        cursor = records[-1].dagster_run.run_id
    jobs = {run.job_name for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.SUCCESS]), limit=1_000)}
    newest = {
        run.run_id
        for job in jobs
        for run in instance.get_runs(RunsFilter(job_name=job, statuses=[DagsterRunStatus.SUCCESS]), limit=1)
    }
    return [run_id for run_id in old if run_id not in newest]
