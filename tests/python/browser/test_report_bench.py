"""`nova bench report` asks every query and opens every page; what it prints is what gold and the site hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.bench_report import measure_pages, measure_queries

from .gold_sample import write_sample_gold
from .site import REPORTS, Site, page_addresses

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_every_query_file_is_asked(tmp_path: Path) -> None:
    found = {
        query.name: query for query in measure_queries(str(write_sample_gold(tmp_path, items=12, days=60)), times=1)
    }
    files = {str(path.relative_to(REPORTS)) for path in REPORTS.glob("s*/*/*.sql")}
    pages = {str(path.relative_to(REPORTS)) for path in REPORTS.glob("queries/*.sql")}
    assert {name.partition(",")[0] for name in found} == files | pages
    assert found["sources/gold/replenishment.sql"].rows == 24
    # 12 items at two locations, and one of them
    assert found["sources/item/policy.sql, all items"].rows == 24
    assert found["sources/item/policy.sql, one item"].rows == 2
    assert all(0 < query.median_ms <= query.slowest_ms for query in found.values())


def test_every_page_is_opened(sample_site: Site, chromium: None) -> None:
    found = {page.address: page for page in measure_pages(sample_site.folder, times=1)}
    assert {address.partition("?")[0] for address in found} == set(page_addresses())
    assert found["/"].first_chart_ms is not None
    assert found["/compras/"].first_chart_ms is None
    assert all(page.first_words_ms <= page.slowest_ms for page in found.values())
    assert all(page.kilobytes > 10 for page in found.values())


def test_without_a_browser_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="pages are not measured"):
        measure_pages(tmp_path)
