"""The report as one file: the same figures as gold, every row, and nothing needed beside the file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from publication.snapshot import PAGES, NoBrowserError, SnapshotError, print_pdf, words, write_snapshot
from publication.snapshot.pdf import BROWSERS

from .gold_sample import HOSTILE_NAME, write_sample_gold

REPORTS = Path(__file__).resolve().parents[3] / "reports"
BROWSER = next((path for name in BROWSERS if (path := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(
    BROWSER is None or shutil.which("node") is None or not (REPORTS / "node_modules").is_dir(),
    reason="needs Chromium, Node.js and reports/node_modules",
)


@pytest.fixture(scope="module")
def sample_gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Look-alike gold with a hostile item name."""
    return write_sample_gold(tmp_path_factory.mktemp("gold"), items=40, days=60)


@pytest.fixture(scope="module")
def snapshot(sample_gold: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot of every page that a snapshot can hold."""
    return write_snapshot(str(sample_gold), tmp_path_factory.mktemp("snapshot") / "sub" / "nova.html", tuple(PAGES))


@pytest.fixture(scope="module")
def opened(snapshot: Path) -> dict[str, Any]:
    """The snapshot as Chromium shows it from disk, every other request blocked."""
    answer = subprocess.run(
        ["node", "scripts/inspect.mjs", "--browser", str(BROWSER), "--widths", "390", "--file", str(snapshot)],
        cwd=REPORTS,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    page: dict[str, Any] = json.loads(answer.stdout)[0]
    return page


def ask(gold: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the gold files themselves; tables are named ``{rpt_replenishment}`` and so on."""
    tables = json.loads((gold / "current.json").read_text(encoding="utf-8"))["tables"]
    with duckdb.connect() as con:
        return con.execute(
            query.format(**{name: f"'{gold / table['path']}'" for name, table in tables.items()})
        ).fetchall()


@needs_browser
def test_file_needs_nothing_beside_itself(opened: dict[str, Any]) -> None:
    assert opened["blockedRequests"] == []
    assert opened["failedAnswers"] == []
    assert opened["consoleErrors"] == []
    assert opened["lang"] == "pt-BR"
    assert opened["overflow"] <= 0


@needs_browser
def test_figures_are_those_of_gold(sample_gold: Path, opened: dict[str, Any]) -> None:
    ((items, value, lines, out),) = ask(
        sample_gold,
        """
        select count(distinct item_id) filter (where status = 'order_now'),
               sum(order_value_brl) filter (where status = 'order_now'),
               count(*) filter (where status = 'order_now'),
               count(distinct item_id) filter (where on_hand_units <= 0 and demand_mean_units_per_day > 0)
        from {rpt_replenishment}
        """,
    )
    figures = opened["figures"]
    assert float(figures["hoje.order_items"]["value"]) == items
    assert figures["hoje.order_items"]["text"] == words.number(items, 0)
    assert float(figures["hoje.out_items"]["value"]) == out
    assert float(figures["compras.order_lines"]["value"]) == lines
    assert figures["compras.order_value_brl"]["text"] == words.money(value)


@needs_browser
def test_banner_says_the_same_as_on_the_site(opened: dict[str, Any]) -> None:
    banner = opened["figures"]["stale_sources"]
    assert banner["value"] == "1"
    assert " ".join(banner["text"].split()) == (
        "Atenção: uma fonte está atrasada. INMET (clima): atrasada desde 15/11/2026, com dados até 11/11/2026; "
        "o normal é até 3 dias atrás. As compras não dependem do clima; em Fatores, chuva, calor e tempestades param "
        "nesse dia."
    )


@needs_browser
def test_results_are_those_of_gold(sample_gold: Path, opened: dict[str, Any]) -> None:
    ((fill,),) = ask(
        sample_gold,
        "select sum(lines_met_count) / sum(demand_lines_count) from {rpt_service_level} "
        "where month_on = (select max(month_on) from {rpt_service_level})",
    )
    ((penalty,),) = ask(
        sample_gold,
        "select sum(penalty_brl) from {rpt_sla} where month_on >= date '2025-11-01' and month_on < date '2026-11-01'",
    )
    ((change,),) = ask(
        sample_gold,
        "select stocked_out_change_pct from {rpt_policy_frontier} where is_chosen and scenario = 'base' "
        "and window_name = 'score'",
    )
    figures = opened["figures"]
    assert float(figures["servico-e-custo.line_fill_rate"]["value"]) == pytest.approx(fill)
    assert figures["sla.penalty_brl"]["text"] == words.money(penalty)
    assert float(figures["quanto-vale.stocked_out_change_pct"]["value"]) == pytest.approx(change)


@needs_browser
def test_tables_are_complete_and_hostile_names_are_text(sample_gold: Path, opened: dict[str, Any]) -> None:
    ((lines,),) = ask(sample_gold, "select count(*) from {rpt_replenishment} where status = 'order_now'")
    assert f"{words.number(lines, 0)} linhas." in opened["text"]
    assert lines in opened["tableRows"]
    assert HOSTILE_NAME[:40] in opened["text"]


def test_file_holds_no_script_and_no_address(snapshot: Path) -> None:
    html = snapshot.read_text(encoding="utf-8")
    assert "<script" not in html
    assert re.findall(r"""(?:src|href)\s*=\s*["']?[^"'#]|url\(|@import""", html) == []


@needs_browser
def test_pdf_is_printed_beside_the_file(snapshot: Path) -> None:
    pdf = print_pdf(snapshot)
    assert pdf == snapshot.with_suffix(".pdf")
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") + content.count(b"/Type/Page") > 1


def test_without_a_browser_the_reason_is_said_in_a_sentence(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBrowserError, match=r"no PDF: none of chromium.* is on the path; the HTML file is complete"):
        print_pdf(snapshot)
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(NoBrowserError, match="ended with 3 \\(no display\\)"):
        print_pdf(snapshot, str(broken))
    assert snapshot.is_file()


def test_errors_name_what_is_missing(sample_gold: Path, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="no such page: ontem; known: hoje, compras"):
        write_snapshot(str(sample_gold), tmp_path / "x.html", ["ontem"])
    with pytest.raises(SnapshotError, match=r"nothing is published in .*run the daily job first"):
        write_snapshot(str(tmp_path / "empty"), tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_words_are_those_of_the_site() -> None:
    numbers = [0, 0.05, 0.25, 1.005, -0.04, 999.95, 1234.56, 9999.99, 12345, 1234567.5, 2.5e9, -1234.5, None]
    expression = """({
        number: numbers.map((value) => m.formatNumber(value)), whole: numbers.map((value) => m.formatNumber(value, 0)),
        money: numbers.map(m.formatMoney), short: numbers.map(m.formatMoneyShort),
        share: numbers.map((value) => m.formatShare(value)), day: m.formatDay('2026-11-20'),
        month: m.formatMonth('2026-11'), instant: m.formatInstant('2026-11-20T01:30:00Z'),
        labels: m.LABELS})"""
    script = (
        f"import * as m from {json.dumps(str(REPORTS / 'components' / 'format.js'))};"
        f"const numbers = {json.dumps(numbers)};console.log(JSON.stringify({expression}))"
    )
    answer = subprocess.run(
        ["node", "--input-type=module", "--eval", script], capture_output=True, text=True, timeout=30, check=True
    )
    said = json.loads(answer.stdout)
    assert said["number"] == [words.number(value) for value in numbers]
    assert said["whole"] == [words.number(value, 0) for value in numbers]
    assert said["money"] == [words.money(value) for value in numbers]
    assert said["short"] == [words.money_short(value) for value in numbers]
    assert said["share"] == [words.share(value) for value in numbers]
    assert said["day"] == words.day("2026-11-20")
    assert said["month"] == words.month("2026-11-01")
    assert said["instant"] == words.instant("2026-11-20T01:30:00Z")
    assert {kind: said["labels"][kind] for kind in words.LABELS} == words.LABELS
