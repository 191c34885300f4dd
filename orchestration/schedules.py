"""The jobs and when they run."""

from __future__ import annotations

import dagster as dg

# One process for all steps: each step of its own would spend more on starting Python than on its work.
daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="From the sources to the managers' report: land, build, test, publish, report.",
)

data = dg.define_asset_job(
    "data",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("report"),
    executor_def=dg.in_process_executor,
    description="From the sources to published gold, without building the report.",
)

daily_at_two = dg.ScheduleDefinition(
    name="daily_at_two",
    job=daily,
    cron_schedule="0 2 * * *",
    execution_timezone="America/Bahia",
    description="Every night at 02:00 in Salvador, when the day is closed.",
)
