"""The daily job and when it runs."""

from __future__ import annotations

import dagster as dg

daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description="From the sources to the managers' report: land, build, test, publish, report.",
)

daily_at_two = dg.ScheduleDefinition(
    name="daily_at_two",
    job=daily,
    cron_schedule="0 2 * * *",
    execution_timezone="America/Bahia",
    description="Every night at 02:00 in Salvador, when the day is closed.",
)
