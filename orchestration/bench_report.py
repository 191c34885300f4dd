"""Measure the report of an installation: its queries over published gold, and its pages in a browser."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.site import REPORTS
from publication.snapshot.gold_queries import GoldQueries
from publication.snapshot.pdf import BROWSERS

QUERY_BUDGET_MS = 200
CHART_BUDGET_MS = 2_500
FOR_THE_BUILD = ", all items"  # no reader waits for these


@dataclass(frozen=True)
class QueryTime:
    """One query file, asked some times.

    Attributes:
        name: Its folder and name; a page's own query reads the tables that the sources make.
        rows: Rows of the answer.
        megabytes: Size of the answer in memory, in MB.
        median_ms: Median of the times, in milliseconds, after one that is not counted.
        slowest_ms: The slowest of them.
    """

    name: str
    rows: int
    megabytes: float
    median_ms: float
    slowest_ms: float


@dataclass(frozen=True)
class PageTime:
    """One page, opened some times by a browser that has nothing of it yet.

    Attributes:
        address: Of the page.
        kilobytes: What the server sent, compressed, in kB.
        first_words_ms: Median of the milliseconds to the first words; tables and figures are in the page as it comes.
        first_chart_ms: Median of the milliseconds to the first drawn chart; None on a page without charts.
        slowest_ms: The slowest time to that chart, or to the first words where there is none.
    """

    address: str
    kilobytes: float
    first_words_ms: float
    first_chart_ms: float | None
    slowest_ms: float


def measure_queries(gold_root: str, *, times: int = 5, reports: Path = REPORTS) -> list[QueryTime]:
    """Ask published gold every query behind the report, slowest first.

    A source of the item page answers for all items at once when the site is built; it is also asked for one item, which
    is what a reader opens: the one with the most demand.

    Args:
        gold_root: Folder or ``s3://`` address of published gold.
        times: How often each is asked and counted.
        reports: The report's folder.

    Raises:
        SnapshotError: If nothing is published, or a query does not fit what is.
    """
    with GoldQueries(gold_root, reports) as gold:
        asks: dict[str, Callable[[], pa.Table]] = {}
        item = _busiest_item(gold)
        for path in sorted((reports / "sources").glob("*/*.sql")):
            name = f"sources/{path.parent.name}/{path.name}"
            sql = path.read_text(encoding="utf-8")
            if path.parent.name == "item":
                asks[f"{name}{FOR_THE_BUILD}"] = partial(gold.ask_published, sql, name)
                asks[f"{name}, one item"] = partial(gold.ask_published, f"from ({sql}) where item_id = '{item}'", name)
            else:
                asks[name] = partial(gold.ask_published, sql, name)
        for path in sorted((reports / "queries").glob("*.sql")):
            asks[f"queries/{path.name}"] = partial(gold.ask_table, path.stem)
        found = [_timed(name, ask, times) for name, ask in asks.items()]
    return sorted(found, key=lambda query: query.median_ms, reverse=True)


def measure_pages(site: Path, *, times: int = 3) -> list[PageTime]:
    """Open every page of a built site in an installed Chromium, one visit at a time.

    Args:
        site: Folder of the built site.
        times: Visits of each page.

    Raises:
        RuntimeError: There is no Chromium or Node.js, or a page did not open.
    """
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None or shutil.which("node") is None:
        raise RuntimeError(f"pages are not measured: Node.js and one of {', '.join(BROWSERS)} must be on the path")
    item = min(path.stem for path in (site / "items").iterdir())
    names = sorted(path.stem for path in (REPORTS / "pages").glob("*.md"))
    pages = ["/", f"/item/?item={item}", *(f"/{name}/" for name in names if name not in ("index", "item"))]
    done = subprocess.run(
        ["node", "scripts/inspect.mjs", "--browser", browser, "--tabs", "1", *pages * times],
        cwd=REPORTS,
        env={**os.environ, "REPORT_DIR": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the pages of {site} did not open:\n{done.stderr[-2000:]}")
    visits = json.loads(done.stdout)
    return [_page_time(page, [visit for visit in visits if visit["page"] == page]) for page in pages]


def _page_time(address: str, visits: list[dict[str, Any]]) -> PageTime:
    words = [visit["firstPaintMs"] for visit in visits]
    charts = [visit["firstChartMs"] for visit in visits if visit["firstChartMs"] is not None]
    return PageTime(
        address=address,
        kilobytes=visits[0]["bytes"] / 1000,
        first_words_ms=statistics.median(words),
        first_chart_ms=statistics.median(charts) if charts else None,
        slowest_ms=max(charts or words),
    )


def _busiest_item(gold: GoldQueries) -> str:
    sql = "select item_id from gold.fact_demand group by item_id order by count(*) desc, item_id limit 1"
    items = gold.ask_published(sql, "fact_demand")["item_id"].to_pylist()
    return str(items[0]).replace("'", "''") if items else ""


def _timed(name: str, ask: Callable[[], pa.Table], times: int) -> QueryTime:
    answer = ask()  # finds its files, and reads their footers
    milliseconds = []
    for _ in range(times):
        started = time.perf_counter()
        ask()
        milliseconds.append(1000 * (time.perf_counter() - started))
    return QueryTime(name, answer.num_rows, answer.nbytes / 1e6, statistics.median(milliseconds), max(milliseconds))
