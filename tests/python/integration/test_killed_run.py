"""A run that is killed at any moment leaves gold whole, and the next run finishes."""

from __future__ import annotations

import time

import pytest
from conftest import Installation, run_succeeded
from killing import DAILY, assert_nothing_is_held, kill, published_version, start, wait_for


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation.at(tmp_path_factory.mktemp("killed") / "data")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when_log_says", "after_seconds"),
    [
        pytest.param(None, 2.0, id="while the company is created"),
        pytest.param("- erp - STEP_START", 0.5, id="while bronze is written"),
        pytest.param("warehouse - STEP_START", 8.0, id="while dbt builds"),
        pytest.param("gold__current - STEP_START", 0.0, id="while gold is published"),
    ],
)
def test_killed_run_leaves_gold_whole(
    installation: Installation, when_log_says: str | None, after_seconds: float
) -> None:
    process = start(installation)
    if when_log_says is not None:
        wait_for(installation, process, when_log_says)
    time.sleep(after_seconds)
    kill(installation, process, command=True, job=False)
    published_version(installation)


@pytest.mark.slow
def test_next_run_after_the_kills_finishes(installation: Installation) -> None:
    output = run_succeeded(installation.nova(*DAILY))
    assert " 0 failed" in output
    assert published_version(installation) is not None
    assert_nothing_is_held(installation)
