"""Everything that Dagster knows of this platform."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.alerts import send_alerts, told, undelivered_alerts, weekly_on_monday, weekly_summary
from orchestration.assets.bronze import BRONZE_ASSETS
from orchestration.assets.gold import candidate, current
from orchestration.assets.report import pages, site
from orchestration.assets.warehouse import warehouse
from orchestration.audit import AuditorResource, audit_arrivals, audit_candidate
from orchestration.checks import published_files_are_whole
from orchestration.resources import PlatformResource, dbt_resource
from orchestration.schedules import JOBS, SCHEDULES, retention, weekly_retention
from orchestration.sensors import SENSORS

defs = dg.Definitions(
    assets=[*BRONZE_ASSETS, warehouse, candidate, current, site, told, *pages()],
    asset_checks=[audit_arrivals, audit_candidate, published_files_are_whole],
    jobs=[*JOBS, retention, send_alerts, weekly_summary],
    schedules=[*SCHEDULES, weekly_retention, weekly_on_monday],
    sensors=[*SENSORS, undelivered_alerts],
    # One process for all steps: a step of its own would spend more on starting Python than on its work.
    executor=dg.in_process_executor,
    resources={"platform": PlatformResource(), "dbt": dbt_resource(), "auditor": AuditorResource()},
)
