"""dbt's manifest of the checkout, for all tests that hold the dbt project against its contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestration.manifest import DBT_MANIFEST, refresh_manifest
from orchestration.platform import Platform


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """The manifest, parsed anew where the one in target/ is missing or older than the project."""
    refresh_manifest(Platform.from_environment({}))
    parsed: dict[str, Any] = json.loads(DBT_MANIFEST.read_text(encoding="utf-8"))
    return parsed
