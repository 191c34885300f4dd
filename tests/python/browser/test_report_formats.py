"""How the report writes numbers, dates and files, asked of its own modules in Node (no browser, no build)."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

COMPONENTS = Path(__file__).resolve().parents[3] / "reports" / "components"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")


def pages_in_files() -> set[str]:
    """Addresses of the pages that are written."""
    files = (COMPONENTS.parent / "pages").glob("*.md")
    return {"" if path.stem == "index" else path.stem for path in files}


def ask(module: str, expression: str) -> Any:
    """The value of a JavaScript expression that uses a module's exports as ``m``."""
    script = f"import * as m from {json.dumps(str(COMPONENTS / module))};console.log(JSON.stringify({expression}))"
    answer = subprocess.run(
        ["node", "--input-type=module", "--eval", script], capture_output=True, text=True, timeout=30, check=True
    )
    return json.loads(answer.stdout)


def workbook(columns: str, rows: str) -> list[tuple[Any, ...]]:
    """The rows of the workbook that the report writes, as openpyxl reads them."""
    content = ask("xlsx.js", f"Buffer.from(m.xlsxTable({columns}, {rows}, 'Compras')).toString('base64')")
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(content))).active
    return list(sheet.iter_rows())


def test_numbers_are_written_as_in_brazil() -> None:
    assert ask("format.js", "m.formatNumber(1234.56)") == "1.234,6"
    assert ask("format.js", "m.formatUnits(12, 'PC')") == "12 PC"
    assert ask("format.js", "m.formatRate(0.034217)") == "0,0342"
    assert ask("format.js", "m.formatMoney(1234.5)") == "R$\u00a01.234,50"
    assert ask("format.js", "[950, 12_345, 1_234_567, 2.5e9].map(m.formatMoneyShort)") == [
        "R$\u00a0950",
        "R$\u00a012,3\u00a0mil",
        "R$\u00a01,2\u00a0mi",
        "R$\u00a02,5\u00a0bi",
    ]


def test_every_page_is_in_the_navigation_once() -> None:
    addresses = ask("pages.js", "m.GROUPS.flatMap(({ pages }) => pages.map(({ address }) => address))")
    assert len(addresses) == len(set(addresses))
    assert set(addresses) == pages_in_files()


def test_unknown_does_not_look_like_zero() -> None:
    assert ask("format.js", "[null, undefined, NaN, 0].map((value) => m.formatUnits(value, 'KG'))") == [
        "–",
        "–",
        "–",
        "0 KG",
    ]


def test_dates_and_instants_are_those_of_bahia() -> None:
    assert ask("format.js", "m.formatDay('2026-11-20')") == "20/11/2026"
    assert ask("format.js", "m.formatMonth('2026-11')") == "nov/2026"
    # Three hours behind UTC: one in the morning there is still the evening before here.
    assert ask("format.js", "m.formatInstant('2026-11-20T01:30:00Z')") == "19/11/2026 às 22:30"
    assert ask("format.js", "[-2, -1, 0, 1, 5].map(m.formatDistance)") == [
        "há 2 dias",
        "ontem",
        "hoje",
        "amanhã",
        "em 5 dias",
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_text_cannot_become_a_formula(start: str) -> None:
    assert ask("csv.js", f"m.csvCell({json.dumps(start + 'cmd()')})").lstrip('"').startswith("'" + start)


def test_csv_opens_in_a_brazilian_spreadsheet() -> None:
    columns = "[{label: 'Nome', value: (row) => row[0]}, {label: 'Qtd', value: (row) => row[1]}]"
    rows = """[['a;b "c"', -1.5], ['2026-11-20', null]]"""
    assert ask("csv.js", f"m.csvTable({columns}, {rows})") == ('\ufeffNome;Qtd\r\n"a;b ""c""";-1,5\r\n20/11/2026;\r\n')


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_workbook_text_cannot_become_a_formula(start: str) -> None:
    columns = "[{label: 'Nome', value: (row) => row[0]}]"
    (_, (cell,)) = workbook(columns, json.dumps([[start + "cmd()"]]))
    # openpyxl calls a cell that a spreadsheet would compute "f".
    assert (cell.data_type, cell.value) == ("s", "'" + start + "cmd()")


def test_workbook_holds_numbers_days_and_any_text() -> None:
    columns = "['Nome', 'Qtd', 'Dia'].map((label, at) => ({label, value: (row) => row[at]}))"
    rows = [['São & <b> "x" \U0001f600', -1.5, "2026-11-20"], ["a\u0001\ud800b", None, None]]
    header, full, bare = ([cell.value for cell in row] for row in workbook(columns, json.dumps(rows)))
    assert header == ["Nome", "Qtd", "Dia"]
    assert full[:2] == ['São & <b> "x" \U0001f600', -1.5]
    assert full[2].date() == dt.date(2026, 11, 20)
    assert bare == ["ab", None, None]


def test_columns_of_a_workbook_are_named_beyond_z() -> None:
    assert ask("xlsx.js", "[0, 25, 26, 701, 702].map(m.columnName)") == ["A", "Z", "AA", "ZZ", "AAA"]
