"""Workbooks of purchase lines for tests, written as buyers and their programs write them."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HEADER = (
    *("DEPÓSITO", "PRODUTO/SERVIÇO", "MATERIAL", "FAMÍLIA", "NOME FORNEC.", "QUANTIDADE", "U.M."),
    *("DATA REQUISITADA", "SOLICITAÇÃO", "DATA SOLICITADO", "DATA DE COMPRA"),
)
GOOD = (
    None,
    "000123",
    "CABO COAXIAL",
    "CABOS",
    "FORNECEDOR FICTÍCIO LTDA.",
    "2",
    "M³",
    None,
    "77",
    "01/03/2024",
    "05/03/2024",
)


def line(**cells: Any) -> tuple[Any, ...]:
    """A good line with some cells replaced; names are those of the bronze columns."""
    names = ("deposito", "produto_servico", "material", "familia", "nome_fornec", "quantidade", "um")
    names += ("data_requisitada", "solicitacao", "data_solicitado", "data_de_compra")
    return tuple({**dict(zip(names, GOOD, strict=True)), **cells}.values())


def write_csv(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    header: Sequence[str] = HEADER,
    delimiter: str = ";",
    encoding: str = "utf-8",
) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    header: Sequence[str] = HEADER,
    before: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    title: str = "Plan1",
    above: Sequence[Sequence[Any]] = (),
) -> Path:
    """A workbook whose sheet of lines comes after the sheets `before` and below the rows `above`."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, cells in {**(before or {}), title: [*above, header, *rows]}.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


def repack(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Write a workbook again with its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, change(name, body))
    return path


def change_sheet(path: Path, pattern: bytes, replacement: bytes) -> Path:
    """Replace in the XML of the first sheet; the pattern must occur."""

    def change(name: str, body: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return body
        changed, count = re.subn(pattern, replacement, body)
        assert count
        return changed

    return repack(path, change)


def share_strings(path: Path) -> Path:
    """Move the texts of a workbook into the part that Excel keeps them in; openpyxl writes them into the cells."""
    texts: list[bytes] = []

    def shared(match: re.Match[bytes]) -> bytes:
        texts.append(match[1])
        return b't="s"><v>%d</v></c>' % (len(texts) - 1)

    def change(name: str, body: bytes) -> bytes:
        if name.startswith("xl/worksheets/"):
            return re.sub(rb't="inlineStr"><is>(.*?)</is></c>', shared, body)
        if name == "[Content_Types].xml":
            kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
            part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
            return body.replace(b"</Types>", part)
        return body

    repack(path, change)
    assert texts
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        items = b"".join(b"<si>%s</si>" % text for text in texts)
        archive.writestr("xl/sharedStrings.xml", b'<sst xmlns="%s">%s</sst>' % (namespace, items))
    return path
