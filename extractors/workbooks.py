"""Rows of workbooks and CSV files that anybody may have sent, as text, one at a time.

A workbook is a ZIP of XML, and both can be made to fill a memory: sizes are checked before anything is unpacked, XML
entities are refused, macros and links are never opened, and rows are read as a stream. What is wrong with a file is
said in Portuguese, because the person who sent it reads it.
"""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, WorkSheetParser

from extractors.http import refusal

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS = (";", "\t", ",")
CHUNK_BYTES = 1 << 20
EXCEL_ROWS = 1_048_576
LOTUS_EPOCH = date(1899, 12, 30)
MACINTOSH_EPOCH = date(1904, 1, 1)
SHEET_DATA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheetData"
SAVE_AS_XLSX = "abra o arquivo no Excel, salve como .xlsx sem senha (ou como CSV) e envie de novo"
SEND_AGAIN = "abra o arquivo no Excel, salve e envie de novo"


class UnreadableWorkbookError(Exception):
    """A file cannot be read as rows; `seen` and `advice` are Portuguese sentences for whoever sent it."""

    def __init__(self, seen: str, advice: str) -> None:
        super().__init__(seen, advice)
        self.seen = seen
        self.advice = advice


class Number(str):
    """The text of a cell of type number, decimal comma; it has no leading zeros, whatever was typed."""

    __slots__ = ()


class Uncalculated(str):
    """A formula whose value was never calculated."""

    __slots__ = ()


Cell = str | None
Row = tuple[int, list[Cell]]


@dataclass(frozen=True)
class Limits:
    """How large a file may be and unpack to; what buyers type in a year stays far below.

    Attributes:
        file_bytes: The file itself.
        unpacked_bytes: All parts of a workbook together.
        loaded_bytes: The parts that are held in memory: shared texts, styles, everything but the sheets.
        ratio: Unpacked to packed size of a part of at least `ratio_from_bytes`; sheets of real lines stay below 50.
        ratio_from_bytes: Smaller parts may be packed as tightly as they like.
        parts: Number of parts of a workbook.
    """

    file_bytes: int = 512 << 20
    unpacked_bytes: int = 2 << 30
    loaded_bytes: int = 192 << 20
    ratio: int = 200
    ratio_from_bytes: int = 8 << 20
    parts: int = 10_000


@dataclass(frozen=True)
class RawSheet:
    """One sheet, or a CSV under one delimiter.

    Attributes:
        name: Name of the sheet; the delimiter of a CSV.
        rows: Starts reading: the number of each row in the file, as Excel shows it, and its cells. Blank cells are
            None, texts have no white space around them.
        is_csv: A record has as many fields as were written; a row of a sheet ends at its last cell.
        epoch: The day that serial number 0 stands for in cells that hold a date as a number.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    is_csv: bool
    epoch: date = LOTUS_EPOCH


@contextmanager
def opened_sheets(path: Path, limits: Limits) -> Iterator[list[RawSheet]]:
    """Open a workbook or a CSV, told apart by its first bytes and not by its name.

    Raises:
        UnreadableWorkbookError: It is neither, is protected, damaged, or too large to be true. While rows are read,
            too.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise UnreadableWorkbookError(
            f"o arquivo tem {size >> 20} MB; o limite é {limits.file_bytes >> 20} MB",
            "divida o arquivo e envie as partes",
        )
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(OLE):
        raise UnreadableWorkbookError("o arquivo está protegido por senha ou é do formato antigo .xls", SAVE_AS_XLSX)
    if head.startswith(b"PK"):
        with _opened_workbook(path, limits) as sheets:
            yield sheets
        return
    if refusal(head) is not None:
        raise UnreadableWorkbookError("o arquivo está vazio ou é uma página da internet", SAVE_AS_XLSX)
    encoding = _encoding(path)
    yield [RawSheet(delimiter, partial(_csv_rows, path, encoding, delimiter), is_csv=True) for delimiter in DELIMITERS]


def _encoding(path: Path) -> str:
    """Return how a text is written: UTF-16 if it says so, UTF-8 if all of it is, else latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        chunk = file.read(CHUNK_BYTES)
        if chunk.startswith(UTF_16):
            return "utf-16"
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = file.read(CHUNK_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8-sig"


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    number = 0
    with path.open(encoding=encoding, newline="") as file:
        # Lenient, the reader would take all lines after an unclosed quote for one cell, without a word.
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for number, record in enumerate(reader, start=1):
                yield number, [text.strip() or None for text in record]
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnreadableWorkbookError(
                f"o CSV não pode ser lido depois da linha {number} ({error}): aspas sem par ou arquivo cortado",
                "corrija as aspas dessa linha, ou salve de novo pelo Excel, e envie de novo",
            ) from None


@contextmanager
def _opened_workbook(path: Path, limits: Limits) -> Iterator[list[RawSheet]]:
    _refuse_bombs(path, limits)
    with path.open("rb") as file:
        with _damage_as_refusal():
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        epoch = MACINTOSH_EPOCH if book.epoch == CALENDAR_MAC_1904 else LOTUS_EPOCH
        try:
            yield [RawSheet(sheet.title, partial(_sheet_rows, book, sheet), False, epoch) for sheet in book.worksheets]
        finally:
            book.close()


def _refuse_bombs(path: Path, limits: Limits) -> None:
    """Judge a workbook by the sizes that its ZIP declares; unpacking never gives more than was declared."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableWorkbookError(f"o arquivo está danificado ou incompleto ({error})", SEND_AGAIN) from None
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableWorkbookError("o arquivo está protegido por senha", SAVE_AS_XLSX)
    if ("xl/workbook.xml" not in names and "[Content_Types].xml" not in names) or "xl/workbook.bin" in names:
        raise UnreadableWorkbookError("o arquivo não é uma pasta de trabalho .xlsx", SAVE_AS_XLSX)
    loaded = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    tight = [
        part.filename
        for part in parts
        if part.file_size >= limits.ratio_from_bytes and part.file_size > limits.ratio * part.compress_size
    ]
    if (
        tight
        or len(parts) > limits.parts
        or len(names) < len(parts)
        or sum(part.file_size for part in parts) > limits.unpacked_bytes
        or loaded > limits.loaded_bytes
    ):
        raise UnreadableWorkbookError(
            "o conteúdo compactado é grande demais para uma planilha de compras",
            "envie somente a planilha das linhas de compra, sem imagens nem outras abas",
        )


@contextmanager
def _damage_as_refusal() -> Iterator[None]:
    """A damaged part leads openpyxl into almost any exception; each of them means that the file cannot be read."""
    try:
        yield
    except UnreadableWorkbookError:
        raise
    except Exception as error:  # noqa: BLE001 - see above; the kind of the error is told to the reader
        raise UnreadableWorkbookError(
            f"o arquivo está danificado ou não é uma pasta de trabalho .xlsx ({type(error).__name__})", SEND_AGAIN
        ) from None


class _Parser(WorkSheetParser):
    """openpyxl's reader of one sheet, which also tells a formula without a value from a blank cell."""

    def parse_cell(self, element: Element) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["value"] = Uncalculated()
        return cell


def _sheet_rows(book: Any, sheet: Any) -> Iterator[Row]:
    """Stream the rows of a sheet as they stand in the file; openpyxl's own loop drops rows that come out of order."""
    last = 0
    with _damage_as_refusal(), sheet._get_source() as source:
        parser = _Parser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        sheet_data: Element | None = None
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                sheet_data = element if element.tag == SHEET_DATA else sheet_data
            elif element.tag == ROW_TAG:
                number, cells = parser.parse_row(element)
                parser.row_dimensions.clear()
                if not last < number <= EXCEL_ROWS:
                    raise UnreadableWorkbookError(
                        f"as linhas da aba {sheet.title!r} estão fora de ordem (linha {number} depois da {last})",
                        SEND_AGAIN,
                    )
                last = number
                row: list[Cell] = [None] * max((cell["column"] for cell in cells), default=0)
                for cell in cells:
                    row[cell["column"] - 1] = _text(cell["value"])
                yield number, row
                # Of a million rows nothing may stay in the tree.
                if sheet_data is not None:
                    sheet_data.clear()


def _text(value: object) -> Cell:
    """Write a cell's value as text: numbers with a decimal comma, dates in ISO."""
    if value is None or isinstance(value, Uncalculated):
        return value
    if isinstance(value, bool):
        return "VERDADEIRO" if value else "FALSO"
    if isinstance(value, int | float):
        return Number(format(Decimal(repr(value)), "f").removesuffix(".0").replace(".", ","))
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else value.isoformat(" ", "seconds")
    return str(value).strip() or None
