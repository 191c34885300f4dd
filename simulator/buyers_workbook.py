"""The buyers' workbook: recent purchase lines as they type them, with the dirt of real ones and sheets of their own.

The same day gives the same bytes, so that dropping it into the inbox again changes nothing.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from simulator.brazil_calendar import is_business_day
from simulator.catalogue import Items, Suppliers
from simulator.clock import day_number
from simulator.streams import Stream, keyed

NAME = "Compras.xlsx"
WINDOW_DAYS = 45
HEADER = (
    *("DEPÓSITO", "PRODUTO/SERVIÇO", "MATERIAL", "FAMÍLIA", "NOME FORNEC.", "QUANTIDADE", "U.M."),
    *("DATA REQUISITADA", "SOLICITAÇÃO", "DATA SOLICITADO", "DATA DE COMPRA"),
)
# Shares of lines, after the public workbook of this company: without a depot, without a required date, dated backwards.
NO_DEPOT, NO_REQUIRED_DATE, INVERTED, SERVICE, TWICE = 0.19, 0.86, 0.06, 0.12, 0.02
WAIT_LOG_MEAN, WAIT_LOG_SD = np.log(6), 1.256
LONGEST_INVERSION_DAYS = 941
SPELLINGS = {"UN": ("UN", "un", "UND", "PÇ"), "MT": ("MT", "M", "mt."), "KG": ("KG", "Kg")}
FIXED_MOMENT = datetime(2024, 1, 2, tzinfo=UTC)
ZIP_MOMENT = (2024, 1, 2, 0, 0, 0)

Line = tuple[Any, ...]


def write_workbook(items: Items, suppliers: Suppliers, *, seed: int, until: date, folder: Path) -> Path:
    """Write the workbook of the purchases of the last weeks, so that it appears whole.

    Args:
        items: The catalogue.
        suppliers: The suppliers.
        seed: The company's seed.
        until: Last closed day; nothing later is in it.
        folder: The buyers' inbox.
    """
    first = until - timedelta(days=WINDOW_DAYS)
    lines: list[Line] = []
    for offset in range(WINDOW_DAYS + 1):
        day = first + timedelta(days=offset)
        if is_business_day(day):
            lines += lines_of(items, suppliers, seed, day)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{NAME}.tmp"
    draft.write_bytes(workbook(lines))
    target = folder / NAME
    draft.replace(target)
    return target


def lines_of(items: Items, suppliers: Suppliers, seed: int, day: date) -> list[Line]:
    """The lines bought on one day; the same whatever the length of the history."""
    random = keyed(seed, Stream.UPLOADS, day_number(day))
    return [line for _ in range(int(random.poisson(4))) for line in _lines(items, suppliers, day, random)]


def _lines(items: Items, suppliers: Suppliers, day: date, random: np.random.Generator) -> list[Line]:
    is_service = random.random() < SERVICE
    place = int(random.integers(len(items.service_ids) if is_service else len(items.ids)))
    code = items.service_ids[place] if is_service else items.ids[place]
    unit = "SR" if is_service else items.units[place]
    spellings = SPELLINGS.get(unit, (unit,))
    supplier = int(random.integers(len(suppliers.ids))) if is_service else int(items.supplier[place])
    wait = round(float(random.lognormal(WAIT_LOG_MEAN, WAIT_LOG_SD)))
    if random.random() < INVERTED:
        wait = -min(wait + 1, LONGEST_INVERSION_DAYS)
    asked = day - timedelta(days=wait)
    quantity = 1 if is_service else int(random.integers(1, 3)) * int(items.pack[place])
    line = (
        None if random.random() < NO_DEPOT else f"DEP {int(random.integers(1, 190)):03d}",
        int(code) if random.random() < 0.03 else code,
        f"SERVIÇOS DE {items.service_names[place]}" if is_service else items.names[place],
        "SERVIÇOS" if is_service else items.families[place],
        suppliers.names[supplier],
        _quantity(quantity, random),
        spellings[int(random.integers(len(spellings)))],
        None if random.random() < NO_REQUIRED_DATE else f"{day + timedelta(days=10):%d/%m/%Y}",
        int(random.integers(10_000, 99_999)),
        _day(asked, random),
        _day(day, random),
    )
    return [line, line] if random.random() < TWICE else [line]


def _quantity(quantity: int, random: np.random.Generator) -> int | str:
    kind = random.random()
    if kind < 0.02:
        return "a confirmar"
    if kind < 0.15:
        return f"{quantity:,d},00".replace(",", ".", f"{quantity:,d}".count(","))
    return quantity


def _day(day: date, random: np.random.Generator) -> date | str | int:
    """A date as a true date, as text in two spellings, or as the bare number that Excel counts."""
    kind = random.random()
    if kind < 0.6:
        return day
    if kind < 0.9:
        return f"{day:%d/%m/%Y}"
    return day.isoformat() if kind < 0.95 else (day - date(1899, 12, 30)).days


def workbook(lines: list[Line]) -> bytes:
    """A workbook whose first sheets are not the lines, with nothing in it that tells when it was written."""
    book = Workbook()
    pivot: Worksheet = book.worksheets[0]
    pivot.title = "Resumo"
    by_family: dict[str, int] = {}
    for line in lines:
        by_family[line[3]] = by_family.get(line[3], 0) + 1
    pivot.append(["Rótulos de Linha", "Contagem de MATERIAL"])
    for family, count in sorted(by_family.items()):
        pivot.append([family, count])
    sheet: Worksheet = book.create_sheet("Compras")
    for cells in [HEADER, *lines]:
        sheet.append(cells)
    lookup: Worksheet = book.create_sheet("Apoio")
    lookup.append(("U.M.", "DESCRIÇÃO"))
    book.properties.created = FIXED_MOMENT.replace(tzinfo=None)
    written = io.BytesIO()
    book.save(written)
    return _timeless(written.getvalue(), book)


def _timeless(body: bytes, book: Workbook) -> bytes:
    """Take out the moment of saving, which openpyxl writes into the properties and the ZIP into each part."""
    moment = book.properties.modified
    assert moment is not None  # noqa: S101 - save() has just set it
    saved = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as archive, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in archive.namelist():
            part = archive.read(name).replace(saved, b"2024-01-02T00:00:00Z")
            target.writestr(zipfile.ZipInfo(name, ZIP_MOMENT), part, zipfile.ZIP_DEFLATED)
    return result.getvalue()
