"""Shared by all tests: a whole installation of size `ci`, made once per session, dbt's manifest, an environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from xdist.scheduler import LoadScopeScheduling

from orchestration.manifest import DBT_MANIFEST, refresh_manifest
from orchestration.platform import Platform

CHECKOUT = Path(__file__).resolve().parents[2]
USE_THE_INSTALLATION = (
    "test_company_dirt.py",
    "test_daily_run.py",
    "test_days_in_any_order.py",
    "test_policy_parameters.py",
)
TODAY = date(2026, 6, 16)  # fixed, so that a failure today can be looked at tomorrow
_OWN = re.compile(
    r"^(NOVA_|LAKE_ROOT|WAREHOUSE_PATH|DAGSTER_HOME|DBT_|ERP_|INMET_|BACEN_|ANATEL_|FORECASTS_|SUPPLIERS_|UPLOADS_)"
)


@dataclass(frozen=True)
class Installation:
    """A data folder of its own, driven by the `nova` command as an operator would.

    Attributes:
        data: The folder that holds lake, warehouse, company and report.
    """

    data: Path
    environment: dict[str, str] = field(repr=False)

    @classmethod
    def at(cls, data: Path) -> Installation:
        """An installation in a folder, shielded from this shell's settings."""
        inherited = {name: value for name, value in os.environ.items() if not _OWN.match(name)}
        return cls(data, {**inherited, "NOVA_DATA": str(data), "NOVA_TODAY": TODAY.isoformat()})

    @property
    def gold(self) -> Path:
        return self.data / "lake" / "gold"

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "orchestration.cli", *arguments]

    def nova(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `nova` command and keep what it says."""
        return subprocess.run(
            self.command(*arguments), cwd=CHECKOUT, env=self.environment, capture_output=True, text=True, check=False
        )

    def pointer(self) -> dict[str, Any]:
        """What readers see: gold/current.json."""
        return dict(json.loads((self.gold / "current.json").read_text()))

    def table(self, name: str, pointer: dict[str, Any] | None = None) -> str:
        """Path of a published table."""
        return str(self.gold / (pointer or self.pointer())["tables"][name]["path"])


def run_succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that must have succeeded."""
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


class OneInstallation(LoadScopeScheduling):
    """Parallel by file, but one process has all that uses the first run's installation, one all that opens a site."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        uses_it = file.endswith(USE_THE_INSTALLATION) or "[installation" in name
        if uses_it:
            return "installation"
        return "browser" if "/browser/" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneInstallation:
    return OneInstallation(config, log)


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What a test puts into the environment, `nova` in its own process included, is gone for the next."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """dbt's manifest of the checkout, parsed anew where the one in target/ is missing or older than the project."""
    refresh_manifest(Platform.from_environment({}))
    parsed: dict[str, Any] = json.loads(DBT_MANIFEST.read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, str, dict[str, Any]]:
    """An installation after its first daily run, with what the run printed and what it published.

    The report is built where the report builder is installed.
    """
    installation = Installation.at(tmp_path_factory.mktemp("installation") / "data")
    has_builder = shutil.which("node") is not None and (CHECKOUT / "reports" / "node_modules").is_dir()
    output = run_succeeded(installation.nova("run", "--size", "ci", "--report" if has_builder else "--no-report"))
    return installation, output, installation.pointer()
