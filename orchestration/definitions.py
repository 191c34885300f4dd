"""Everything that Dagster knows of this platform."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.alerts import send_alerts, told, undelivered_alerts, weekly_on_monday, weekly_summary
from orchestration.assets.bronze import BRONZE_ASSETS
from orchestration.assets.gold import candidate, current
from orchestration.assets.report import site
from orchestration.assets.warehouse import warehouse
from orchestration.checks import published_files_are_whole
from orchestration.resources import PlatformResource, dbt_resource
from orchestration.schedules import daily, daily_at_two

defs = dg.Definitions(
    assets=[*BRONZE_ASSETS, warehouse, candidate, current, site, told],
    asset_checks=[published_files_are_whole],
    jobs=[daily, send_alerts, weekly_summary],
    schedules=[daily_at_two, weekly_on_monday],
    sensors=[undelivered_alerts],
    # One process for all steps: a step of its own would spend more on starting Python than on its work.
    executor=dg.in_process_executor,
    resources={"platform": PlatformResource(), "dbt": dbt_resource()},
)
