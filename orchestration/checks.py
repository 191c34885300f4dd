"""Checks that only the whole can answer; dbt's own tests appear as checks of their models."""

import dagster as dg

from orchestration.assets.gold import current
from orchestration.resources import PlatformResource
from publication import gold


@dg.asset_check(
    asset=current, blocking=True, description="Every published file has the checksum that its manifest names."
)
def published_files_are_whole(platform: PlatformResource) -> dg.AssetCheckResult:
    """Read back what was published."""
    damaged = gold.verify(platform.gold())
    return dg.AssetCheckResult(passed=not damaged, metadata={"damaged": damaged})
