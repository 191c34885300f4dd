"""No page keeps a reader out: checks of the rendered page in light and dark (reports/scripts/accessibility.mjs).

They are the project's own, because axe-core is not among its dependencies, and cover less than axe does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .site import BROWSERS, REPORTS, Site, page_addresses

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FAULTY = """<!doctype html><html><head><meta charset="utf-8"><title></title></head><body>
<main><h1>Um</h1><h3>Três</h3><p style="color:#aaa;background:#fff">Claro demais</p>
<p style="color:#fff6">Transparente</p>
<button></button><button tabindex="-1">Fora do alcance</button><a href="#x" style="outline:none">Sem foco</a>
<table><tr><td>1</td></tr></table><div role="img" style="width:9px;height:9px"></div>
<p id="x"></p><p id="x" aria-labelledby="nada"></p><nav><a href="#y">y</a></nav></main></body></html>"""
FAULTS = (
    "the page has no language",
    "the page has no title",
    "navigation without a name",
    "heading of level 3 after level 1",
    "control without a name",
    "picture without words",
    "table without a name",
    "table without headers",
    "the id “x” stands twice",
    "aria-labelledby names nothing",
    "contrast 2.32 of 4.5 in <p> “Claro demais”",
    "of 4.5 in <p> “Transparente”",
    "not reached by Tab: <button> “Fora do alcance”",
    "focus is not shown: <a> “Sem foco”",
)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)])
def test_no_page_keeps_a_reader_out(sample_site: Site, chromium: None, scheme: str, width: int) -> None:
    pages = sample_site.inspect(
        "--accessibility",
        "--scheme",
        scheme,
        "--widths",
        str(width),
        "/item/?item=000100",
        *page_addresses(),
    )
    assert {page["address"]: page["accessibility"] for page in pages if page["accessibility"]} == {}


def test_checks_find_what_is_wrong(tmp_path: Path, node: None, chromium: None) -> None:
    page = tmp_path / "faulty.html"
    page.write_text(FAULTY, encoding="utf-8")
    browser = next(path for name in BROWSERS if (path := shutil.which(name)))
    answer = subprocess.run(
        ["node", "scripts/inspect.mjs", "--browser", browser, "--accessibility", "--file", str(page)],
        cwd=REPORTS,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = json.loads(answer.stdout)[0]["accessibility"]
    for fault in FAULTS:
        assert any(fault in finding for finding in found), (fault, found)
