"""What the browser tests share: one site built from look-alike gold, and the one of the session's first daily run.

With REPORT_DIR and GOLD_ROOT set, that finished site is read instead of the first and nothing is built. Screenshots are
kept in data/test-artefacts/report (or REPORT_SHOTS).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from .gold_sample import write_sample_gold
from .site import BROWSERS, REPORTS, ROOT, Site, build, page_addresses


@pytest.fixture(scope="session")
def node() -> None:
    """Skip, saying why, where the report cannot be built or opened."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node.js is not installed: the report cannot be built")
    if not (REPORTS / "node_modules").is_dir():
        pytest.skip("reports/node_modules is missing: run npm install in reports/")


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skip, saying why, where there is no browser."""
    if not any(shutil.which(name) for name in BROWSERS):
        pytest.skip(f"no Chromium on the path ({', '.join(BROWSERS)}): the report cannot be opened")


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where the screenshots of this session are kept."""
    return Path(os.environ.get("REPORT_SHOTS") or ROOT / "data" / "test-artefacts" / "report")


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory, shots: Path, node: None) -> Site:
    """The site of look-alike gold, built once; or the finished site that the environment names."""
    if os.environ.get("REPORT_DIR") and os.environ.get("GOLD_ROOT"):
        return Site(Path(os.environ["REPORT_DIR"]), Path(os.environ["GOLD_ROOT"]), shots / "sample")
    gold = write_sample_gold(tmp_path_factory.mktemp("gold"))
    folder = tmp_path_factory.mktemp("report") / "site"
    build(gold, folder)
    return Site(folder, gold, shots / "sample")


@pytest.fixture(scope="session", params=["sample", "installation"])
def site(request: pytest.FixtureRequest, shots: Path, node: None) -> Site:
    """Each site in turn."""
    if request.param == "sample":
        sample: Site = request.getfixturevalue("sample_site")
        return sample
    installation = request.getfixturevalue("first_run")[0]
    # The link moves with every build; the folder behind it stays.
    return Site((installation.data / "report" / "current").resolve(), installation.gold, shots / "installation")


@pytest.fixture(scope="session")
def pages(site: Site, chromium: None) -> list[dict[str, Any]]:
    """Every page, and one item's, at the two widths: a phone and a desk."""
    ((item, location),) = site.ask(
        "select item_id, location_id from {rpt_replenishment} order by status = 'order_now' desc, "
        "demand_mean_units_per_day desc, item_id, location_id limit 1"
    )
    return site.inspect(
        "--widths", "390,1440", "--shots", str(site.shots), f"/item/?item={item}&local={location}", *page_addresses()
    )
