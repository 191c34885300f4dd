"""Everything that Dagster knows of this platform."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.bronze import BRONZE_ASSETS
from orchestration.assets.gold import candidate, current
from orchestration.assets.report import site
from orchestration.assets.warehouse import warehouse
from orchestration.checks import published_files_are_whole
from orchestration.resources import PlatformResource, dbt_resource
from orchestration.schedules import daily, daily_at_two, data

defs = dg.Definitions(
    assets=[*BRONZE_ASSETS, warehouse, candidate, current, site],
    asset_checks=[published_files_are_whole],
    jobs=[daily, data],
    schedules=[daily_at_two],
    resources={"platform": PlatformResource(), "dbt": dbt_resource()},
)
