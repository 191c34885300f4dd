"""The jobs and when they run."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from dagster._core.definitions.assets.job.asset_job import build_asset_job, get_asset_graph_for_job
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from extractors.catalog import TABLES
from orchestration.audit import audit_arrivals
from orchestration.partitions import MONTHS, TIME_ZONE
from orchestration.resources import PlatformResource
from orchestration.retention import apply, plan
from orchestration.run import ARRIVALS_ONLY

# How many months the public sources are read again by themselves, beyond the look-back of the daily run.
REVISED_MONTHS = 12
REVISED_ANATEL_MONTHS = 24


class AnyPartitionsJob(UnresolvedAssetJobDefinition):
    """An asset job whose assets are partitioned differently, and which is run without partition.

    `define_asset_job` refuses one, though Dagster's own job over all assets is built by the same function with the same
    switch. It is internal to Dagster, whose version is pinned: `test_definitions` fails if it moves.
    """

    def resolve(
        self,
        asset_graph: AssetGraph,
        default_executor_def: dg.ExecutorDefinition | None = None,
        resource_defs: Any = None,
    ) -> dg.JobDefinition:
        """The job over the selected assets."""
        return build_asset_job(
            self.name,
            asset_graph=get_asset_graph_for_job(asset_graph, self.selection, allow_different_partitions_defs=True),
            description=self.description,
            tags=self.tags,
            executor_def=self.executor_def or default_executor_def,
            resource_defs=resource_defs,
            allow_different_partitions_defs=True,
        )


_BRONZE = dg.AssetSelection.assets(*((table.source, table.table) for table in TABLES))
_REPORT = dg.AssetSelection.groups("report")
# A run whose process was killed goes on at the step that it was at; a step that failed by itself has had its retries.
BUILDS_TAG = "nova/builds"
_BUILDS = {
    BUILDS_TAG: "warehouse",  # one of these at a time, see dagster.yaml
    "dagster/max_retries": "2",
    "dagster/retry_strategy": "FROM_FAILURE",
    "dagster/retry_on_asset_or_op_failure": "false",
}

daily = AnyPartitionsJob(
    "daily",
    selection=dg.AssetSelection.all(),
    tags=_BUILDS,
    description="From the sources to the managers' report: land, build, test, publish, report.",
)

daily_without_report = AnyPartitionsJob(
    "daily_without_report",
    selection=dg.AssetSelection.all() - _REPORT,
    tags=_BUILDS,
    description="The daily job up to published gold.",
)

build = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.all() - _BRONZE,
    tags=_BUILDS,
    description="The daily job from what was landed: build, test, publish, report.",
)

build_without_report = dg.define_asset_job(
    "build_without_report",
    selection=dg.AssetSelection.all() - _BRONZE - _REPORT,
    tags=_BUILDS,
    description="From what was landed to published gold.",
)

report = dg.define_asset_job(
    "report", selection=_REPORT, description="The managers' report from the gold that is published."
)

arrivals = dg.define_asset_job(
    ARRIVALS_ONLY,
    selection=dg.AssetSelection.checks(audit_arrivals),
    tags=_BUILDS,
    description="What has landed, judged and not built: after a run that a source kept from coming to that.",
)

publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.groups("gold"),
    description="Gold from the warehouse as the last build that passed its tests left it.",
)

uploads = dg.define_asset_job(
    "uploads",
    selection=dg.AssetSelection.assets(["uploads", "purchase_lines"]) | (dg.AssetSelection.all() - _BRONZE),
    tags=_BUILDS,
    description="Buyers' workbooks, from the inbox to the report.",
)

forecasts = dg.define_asset_job(
    "forecasts",
    selection=dg.AssetSelection.assets(["forecasts", "ml_results"]) | (dg.AssetSelection.all() - _BRONZE),
    tags=_BUILDS,
    description="Results of the forecasting environment, from their folder to the report.",
)

weather_and_economy = dg.define_asset_job(
    "reread_weather_and_economy",
    selection=dg.AssetSelection.assets(
        ["inmet", "observations"],
        ["bacen", "sgs_observations"],
        ["bacen", "ptax_quotes"],
        ["bacen", "focus_expectations"],
    ),
    description="Months of the series that are revised silently, read again; the daily job builds what changed.",
)

networks = dg.define_asset_job(
    "reread_networks",
    selection=dg.AssetSelection.assets(["anatel", "smp_stations"], ["anatel", "mobile_accesses"]),
    description="Months of ANATEL read again, whether or not its files say that they changed.",
)


def last_months(now: datetime, months: int) -> dict[str, str]:
    """Tags of one run over the last months, the one that runs included."""
    keys = MONTHS.get_partition_keys(current_time=now)[-months:]
    return {ASSET_PARTITION_RANGE_START_TAG: keys[0], ASSET_PARTITION_RANGE_END_TAG: keys[-1]}


daily_at_two = dg.ScheduleDefinition(
    name="daily_at_two",
    job=daily,
    cron_schedule="0 2 * * *",
    execution_timezone=TIME_ZONE,
    description="Every night at 02:00 in Salvador, when the day is closed.",
)


@dg.schedule(
    job=weather_and_economy,
    cron_schedule="0 23 * * 6",
    execution_timezone=TIME_ZONE,
    description=f"Saturdays at 23:00: the last {REVISED_MONTHS} months of INMET and BACEN, in time for the daily job.",
)
def weekly_rereading(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One run over the months that may have been revised."""
    yield dg.RunRequest(tags=last_months(context.scheduled_execution_time, REVISED_MONTHS))


@dg.schedule(
    job=networks,
    cron_schedule="0 22 5 * *",
    execution_timezone=TIME_ZONE,
    description=f"On the fifth of a month at 22:00: the last {REVISED_ANATEL_MONTHS} months of ANATEL.",
)
def monthly_anatel(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One run over the months that may have been published anew."""
    yield dg.RunRequest(tags=last_months(context.scheduled_execution_time, REVISED_ANATEL_MONTHS))


@dg.op
def remove_what_is_no_longer_needed(context: dg.OpExecutionContext, platform: PlatformResource) -> None:
    """Remove what `orchestration.retention` says may go."""
    place = platform.platform()
    apply(place, context.instance, plan(place, context.instance))


@dg.job(description="Remove what is no longer needed: `nova retain` shows what that is.")
def retention() -> None:
    """Dagster's job of one step."""
    remove_what_is_no_longer_needed()


weekly_retention = dg.ScheduleDefinition(
    name="weekly_retention",
    job=retention,
    cron_schedule="0 12 * * 0",
    execution_timezone=TIME_ZONE,
    description="Sundays at noon, when nothing else runs.",
)

JOBS = [
    *(arrivals, publish),
    *(daily, daily_without_report, build, build_without_report, report),
    *(uploads, forecasts, weather_and_economy, networks),
]
SCHEDULES = [daily_at_two, weekly_rereading, monthly_anatel]
