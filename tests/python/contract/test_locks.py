"""What the platform installs: pinned by hash, from no named address, and free of machine learning."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-bootstrap.lock"]
# Forecasts arrive as files; models are trained in an environment of their own.
MACHINE_LEARNING = {
    "catboost", "darts", "jax", "keras", "lightgbm", "mlflow", "neuralforecast", "pmdarima", "prophet", "scikit-learn",
    "sktime", "statsforecast", "statsmodels", "tensorflow", "torch", "transformers", "xgboost",
}  # fmt: skip


def packages(lock: str) -> set[str]:
    """Names of the packages that a lock pins."""
    text = (CHECKOUT / lock).read_text()
    return {match.group(1).lower() for match in re.finditer(r"^([A-Za-z0-9_.-]+)==", text, flags=re.MULTILINE)}


def test_platform_lock_holds_no_machine_learning_library() -> None:
    pinned = packages("requirements.lock")
    assert "dbt-core" in pinned, "the lock was not read as expected"
    assert pinned & MACHINE_LEARNING == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pinned_package_carries_a_hash_and_no_address(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    pinned = [entry for entry in entries if re.match(r"[A-Za-z0-9_.-]+==", entry)]
    assert len(pinned) >= len(packages(lock)) > 0
    assert [entry.split(" ")[0] for entry in pinned if "--hash=sha256:" not in entry] == []
    assert re.findall(r"^(?!\s*#).*(?:https?://|index-url|find-links).*$", text, flags=re.MULTILINE) == []


def test_development_lock_agrees_with_the_platform_lock() -> None:
    def versions(lock: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, version in re.findall(
            r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", (CHECKOUT / lock).read_text(), flags=re.MULTILINE
        ):
            found.setdefault(name, set()).add(version)
        return found

    platform, development = versions("requirements.lock"), versions("requirements-dev.lock")
    assert {name: development.get(name) for name in platform} == platform


def test_report_lock_names_no_download_address() -> None:
    lock = json.loads((CHECKOUT / "reports" / "package-lock.json").read_text())
    assert len(lock["packages"]) > 100
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
