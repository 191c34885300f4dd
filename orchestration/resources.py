"""What the assets are given: the installation, the sources' settings, the lake, dbt."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging.version import Version

from extractors.lake import Lake
from extractors.settings import Settings
from orchestration.platform import CHECKOUT, Platform, code_revision, executable
from publication.store import GoldStore

REVISION_TAG = "nova/code_revision"


class PlatformResource(dg.ConfigurableResource[None]):
    """One installation, read from the environment when a step starts, so that definitions load without any."""

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Note on the run which code it runs, however it was started."""
        if context.run is not None and context.instance is not None:
            context.instance.add_run_tags(context.run.run_id, {REVISION_TAG: code_revision()})

    def platform(self) -> Platform:
        """Folders of the installation."""
        return Platform.from_environment(os.environ)

    def settings(self) -> Settings:
        """Addresses, secrets and windows of the sources."""
        place = self.platform()
        stated = {name: value for name, value in os.environ.items() if value}
        defaults = {
            "FORECASTS_PATH": str(place.forecasts),
            "UPLOADS_PATH": str(place.uploads),
            "BACKTEST_PATH": str(place.backtest),
        }
        return Settings.from_environment({**defaults, **stated, **place.environment()})

    def first_retry_seconds(self) -> float:
        """Pause before a source that did not answer is asked again; it doubles each time. Zero: it is not asked again.

        Raises:
            dg.Failure: NOVA_RETRY_SECONDS is no number of seconds.
        """
        stated = os.environ.get("NOVA_RETRY_SECONDS") or "20"
        if not stated.isdecimal():
            raise dg.Failure(
                f"NOVA_RETRY_SECONDS must be whole seconds such as 20, not {stated!r}", allow_retries=False
            )
        return float(stated)

    def lake(self) -> Lake:
        """The bronze writer."""
        return Lake(self.platform().lake_root)

    def gold(self) -> GoldStore:
        """Published gold."""
        return GoldStore(self.platform().gold_root)


class DbtCommand(DbtCliResource):
    """dbt's command line.

    Before each command `DbtCliResource` starts `dbt --version` and loads dbt into Dagster's own process, to ask the
    warehouse about columns if an asset should want it. None here does, only dbt opens the warehouse, and both cost
    seconds.
    """

    @property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        """No adapter."""


def dbt_resource() -> DbtCommand:
    """dbt's command line on this checkout's project."""
    return DbtCommand(project_dir=str(CHECKOUT), profiles_dir=str(CHECKOUT), dbt_executable=str(executable("dbt")))
