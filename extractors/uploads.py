"""Buyers' workbooks of purchase lines: found by their headers, judged line by line, landed or sent back.

A file is one dataset, named after the file. Sending a file of the same name again replaces its lines in staging; the
lines that were sent back come home as a part of their workbook (`<workbook>#<part>`). Cells are kept as the text that
stands in them; a cell of type number or date has no spelling of its own and is written as a Brazilian Excel shows it
(decimal comma, no thousands) or as an ISO date. What a buyer reads is Portuguese.

Only what cannot be read at all is sent back. What is merely odd (dates that run backwards, equal lines, unknown
units) lands and is judged downstream.
"""

from __future__ import annotations

import csv
import logging
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from extractors.http import FeedContractError
from extractors.inbox import Inbox, copy_into
from extractors.lake import Batch, BronzeTable, Lake, Landing
from extractors.text import text_table
from extractors.workbooks import (
    LOTUS_EPOCH,
    Cell,
    Limits,
    Number,
    RawSheet,
    Row,
    Uncalculated,
    UnreadableWorkbookError,
    opened_sheets,
)

if TYPE_CHECKING:
    from extractors.settings import Settings

logger = logging.getLogger(__name__)

COLUMNS: Final = {
    "deposito": "DEPÓSITO",
    "produto_servico": "PRODUTO/SERVIÇO",
    "material": "MATERIAL",
    "familia": "FAMÍLIA",
    "nome_fornec": "NOME FORNEC.",
    "quantidade": "QUANTIDADE",
    "um": "U.M.",
    "data_requisitada": "DATA REQUISITADA",
    "solicitacao": "SOLICITAÇÃO",
    "data_solicitado": "DATA SOLICITADO",
    "data_de_compra": "DATA DE COMPRA",
}
# A sheet without one of these is not one of purchase lines; the other columns may be missing.
REQUIRED: Final = (
    "produto_servico",
    "material",
    "nome_fornec",
    "quantidade",
    "um",
    "data_solicitado",
    "data_de_compra",
)
DATES: Final = ("data_requisitada", "data_solicitado", "data_de_compra")
LINE_HEADER, REASON_HEADER = "LINHA", "MOTIVO"
BLANKS: Final = frozenset({"", "NA", "N/A", "#N/A", "#N/D", "NULL", "-", "--"})

PURCHASE_LINES = BronzeTable(
    source="uploads",
    table="purchase_lines",
    schema=pa.schema(
        [
            ("linha", pa.int32()),
            *((name, pa.string()) for name in COLUMNS),
            # A code typed as a number has lost its leading zeros before anybody could read them.
            ("codigo_numerico", pa.bool_()),
        ]
    ),
    kind="snapshot",
    key=("linha",),
)

HEADER_WITHIN_ROWS = 50
BATCH_ROWS = 16_384
YEARS = range(1950, 2101)
# The partition of a workbook whose first lines hold no date at all.
UNDATED = date(2000, 1, 1)
DATASET_NAME_CHARACTERS = 80
SENT_BACK = re.compile(r"(?P<part>[0-9a-f]{12})-(?P<workbook>.+)\.rejeitadas")

ISO_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})(?:[ T].*)?")
BRAZILIAN_DAY = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?: .*)?")
SERIAL_DAY = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,12}(?:[.,][0-9]+)?|[.,][0-9]+)")
POINTED_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){1,3},[0-9]+|(?:\.[0-9]{3}){2,3})")
COMMA_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3}\.[0-9]+")
AMBIGUOUS_NUMBER = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")

# What a spreadsheet would run. An apostrophe before it keeps it text; one more says that there was one already.
FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")


class StillChangingError(FeedContractError):
    """The file changed while it was read: somebody is still writing it. Nothing of it has landed."""


@dataclass(frozen=True)
class _Sheet:
    """A sheet of purchase lines.

    Attributes:
        raw: The sheet.
        header_row: Number of the row that holds the headers.
        header: The headers as they stand in the file.
        places: Position of each known column.
        was_sent_back: It is a file of lines to be mended, in which formula-like cells were neutralised.
    """

    raw: RawSheet
    header_row: int
    header: list[str]
    places: dict[str, int]
    was_sent_back: bool

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header that hold anything."""
        for number, cells in self.raw.rows():
            if number > self.header_row and any(cell is not None for cell in cells):
                yield number, [cell and restored(cell) for cell in cells] if self.was_sent_back else cells


def normalized(header: str) -> str:
    """Return a header without accents, case, spaces and punctuation: `U.M.` and `u.m` are one column."""
    plain = unicodedata.normalize("NFKD", header)
    return "".join(character for character in plain if character.isalnum()).upper()


KNOWN_HEADERS: Final = {normalized(title): name for name, title in COLUMNS.items()}


@lru_cache(maxsize=65_536)
def day_of(text: str) -> date | None:
    """Read a date as buyers write it: dd/mm/yyyy, ISO, or the serial number of Excel; None if it is none."""
    try:
        if match := BRAZILIAN_DAY.fullmatch(text):
            day = date(int(match[4]), int(match[3]), int(match[1]))
        elif match := ISO_DAY.fullmatch(text):
            day = date(int(match[1]), int(match[3]), int(match[4]))
        elif match := SERIAL_DAY.fullmatch(text):
            day = LOTUS_EPOCH + timedelta(days=int(match[1]))
        else:
            return None
    except ValueError:
        return None
    return day if day.year in YEARS else None


@lru_cache(maxsize=65_536)
def fault_of_quantity(text: str) -> str | None:
    """Say in Portuguese what keeps a quantity from being read, or None.

    `1.234,56`, `1234.56`, `1234,56` and `1,234.56` are numbers. `1.234` is refused: it is a thousand and more to a
    Brazilian and a little above one to a machine, and guessing wrong would order a thousand times too much.
    """
    if AMBIGUOUS_NUMBER.fullmatch(text):
        return f"QUANTIDADE {text!r} é ambígua: escreva {text.replace('.', '')} ou {text.replace('.', ',')}"
    if any(pattern.fullmatch(text) for pattern in (PLAIN_NUMBER, POINTED_THOUSANDS, COMMA_THOUSANDS)):
        return None
    return f"QUANTIDADE {text[:40]!r} não é um número"


def faults(line: dict[str, Cell]) -> list[str]:
    """Say in Portuguese why a line cannot be read; an empty list if it can."""
    found = [
        f"{COLUMNS[name]} tem uma fórmula sem valor calculado: abra no Excel, recalcule e salve"
        for name, cell in line.items()
        if isinstance(cell, Uncalculated)
    ]
    if found:
        return found
    if is_blank(line["produto_servico"]) and is_blank(line["material"]):
        found.append("sem código (PRODUTO/SERVIÇO) e sem MATERIAL")
    quantity = line["quantidade"]
    if quantity is None or is_blank(quantity):
        found.append("QUANTIDADE em branco")
    elif fault := fault_of_quantity(quantity):
        found.append(fault)
    for name in DATES:
        cell = line.get(name)
        if cell is not None and not is_blank(cell) and day_of(cell) is None:
            found.append(f"{COLUMNS[name]} {cell[:40]!r} não é uma data: escreva dd/mm/aaaa")
    return found


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, or one of the marks that stand for nothing."""
    return cell is None or cell.upper() in BLANKS


def neutralized(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula; `restored` undoes it."""
    return f"'{cell}" if FORMULA_LIKE.match(cell) and not PLAIN_NUMBER.fullmatch(cell) else cell


def restored(cell: str) -> str:
    """Return the cell that `neutralized` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA_LIKE.match(cell) else cell


def dataset_id(file_name: str) -> str:
    """Return the name of the dataset that a file is: its name without ending, accents, case and punctuation.

    The lines that were sent back from a workbook come home as a part of it.
    """
    stem = file_name.rsplit(".", 1)[0] if "." in file_name.strip(".") else file_name
    if match := SENT_BACK.fullmatch(stem):
        return f"{dataset_id(match['workbook'] + '.csv')}#{match['part'].lower()}"
    plain = unicodedata.normalize("NFKD", stem)
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)).lower())
    return "_".join(words)[:DATASET_NAME_CHARACTERS] or "sem_nome"


def land_file(
    path: Path, lake: Lake, run_id: str, *, limits: Limits | None = None, copy_to: Path | None = None
) -> Landing:
    """Land the lines of one file; those that cannot be read become a CSV in the quarantine, to be mended.

    Args:
        path: Workbook (.xlsx, .xlsm) or CSV.
        lake: Where to land.
        run_id: Kept in every row.
        limits: How large the file may be and unpack to.
        copy_to: Folder that gets a copy of the lines to be mended, for buyers who do not see the lake.

    Returns:
        What was landed; `rows_quarantined` lines were sent back. Landed and sent back, they are all lines of the file.

    Raises:
        FeedContractError: It is no file of purchase lines: nothing of it landed, the file is in the quarantine, and
            the reason is in Portuguese.
        StillChangingError: It changed while it was read.
    """
    with (
        lake.quarantining(PURCHASE_LINES),
        _refusing(path),
        tempfile.TemporaryDirectory(prefix="nova-") as folder,
        opened_sheets(path, limits or Limits()) as sheets,
    ):
        before = _state(path)
        sheet = find_sheet(sheets)
        name = dataset_id(path.name)
        rejected = Path(folder) / "rejeitadas.csv"
        with _SentBack(rejected, sheet) as sent_back:
            parts = _judged(sheet, sent_back, window=path.name)
            first = next(parts, None)

            def batches() -> Iterator[Batch]:
                day = _partition_day(lake, name, first)
                for rows in chain([first] if first else [], parts):
                    yield Batch(name, day, rows, f"file:{path.name}")
                if _state(path) != before:
                    raise StillChangingError(
                        PURCHASE_LINES.name,
                        path.name,
                        "o arquivo mudou enquanto era lido",
                        "espere a gravação terminar e envie de novo",
                    )

            landing = lake.land(PURCHASE_LINES, batches(), run_id=run_id)
        if not landing.rows_read and not sent_back.count:
            raise UnreadableWorkbookError(
                "não há linhas de compra abaixo do cabeçalho", "confira se enviou a planilha certa"
            )
        if sent_back.count:
            landing.rows_quarantined = sent_back.count
            kept = lake.quarantine(
                PURCHASE_LINES.source,
                PURCHASE_LINES.table,
                f"{name.partition('#')[0]}.rejeitadas.csv",
                rejected,
                f"{sent_back.count} linhas de {path.name} não puderam ser lidas; veja a coluna {REASON_HEADER}",
            )
            logger.warning("%s: %d lines sent back to be mended, in %s", path.name, sent_back.count, kept)
            if copy_to is not None:
                copy_into(rejected, copy_to / kept.rsplit("/", 1)[-1])
        return landing


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land every finished file of the inbox, then move it to `done` or, refused as a whole, to `rejected`.

    A refused file does not fail the run: its sender finds the reason beside it, and everybody else gets the plan.
    """
    del folder
    total = Landing(table)
    if not settings.uploads_path:
        return total
    inbox = Inbox(Path(settings.uploads_path))
    limits = Limits(unpacked_bytes=settings.uploads_max_megabytes << 20)
    for path in inbox.finished_files():
        try:
            landing = land_file(path, lake, run_id, limits=limits, copy_to=inbox.rejected)
        except StillChangingError as error:
            logger.warning("%s; it stays in the inbox", error)
            continue
        except FeedContractError as error:
            logger.warning("%s", error)
            inbox.reject(path, f"{error.seen[:1].upper()}{error.seen[1:]}. O que fazer: {error.advice}.")
            continue
        inbox.finish(path)
        total.rows_read += landing.rows_read
        total.rows_landed += landing.rows_landed
        total.rows_unchanged += landing.rows_unchanged
        total.rows_quarantined += landing.rows_quarantined
        total.files += landing.files
        total.first_day = min(filter(None, (total.first_day, landing.first_day)), default=None)
        total.last_day = max(filter(None, (total.last_day, landing.last_day)), default=None)
    return total


def find_sheet(sheets: Sequence[RawSheet]) -> _Sheet:
    """Find the sheet of purchase lines by its headers, wherever it and they stand.

    Raises:
        UnreadableWorkbookError: There is none, or more than one; the message names the columns that are missing.
    """
    found: list[tuple[RawSheet, int, list[Cell], list[str]]] = []
    nearest: set[str] = set()
    for raw in sheets:
        try:
            for number, cells in islice(raw.rows(), HEADER_WITHIN_ROWS):
                titles = [normalized(cell) if cell else "" for cell in cells]
                known = [KNOWN_HEADERS[title] for title in titles if title in KNOWN_HEADERS]
                if len(nearest) < len(set(known) & set(REQUIRED)):
                    nearest = set(known) & set(REQUIRED)
                if set(REQUIRED) <= set(known):
                    found.append((raw, number, cells, titles))
                    break
        except UnreadableWorkbookError:
            # Under the wrong delimiter the quotes of a good CSV look broken; a sheet's damage is damage.
            if not raw.is_csv:
                raise
        if found and raw.is_csv:
            break
    if not found:
        missing = ", ".join(COLUMNS[name] for name in REQUIRED if name not in nearest)
        raise UnreadableWorkbookError(
            f"nenhuma aba tem o cabeçalho das linhas de compra; faltam as colunas: {missing}",
            "use o modelo de sempre, com os nomes das colunas na primeira linha",
        )
    if len(found) > 1:
        names = ", ".join(repr(raw.name) for raw, *_ in found)
        raise UnreadableWorkbookError(
            f"mais de uma aba tem linhas de compra: {names}", "deixe as linhas em uma só aba e envie de novo"
        )
    return _sheet(*found[0])


def _sheet(raw: RawSheet, number: int, cells: list[Cell], titles: list[str]) -> _Sheet:
    repeated = [COLUMNS[name] for title, name in KNOWN_HEADERS.items() if titles.count(title) > 1]
    if repeated:
        raise UnreadableWorkbookError(
            f"há mais de uma coluna {', '.join(repeated)}", "apague ou renomeie a coluna que não vale e envie de novo"
        )
    return _Sheet(
        raw=raw,
        header_row=number,
        header=[cell or "" for cell in cells],
        places={KNOWN_HEADERS[title]: place for place, title in enumerate(titles) if title in KNOWN_HEADERS},
        was_sent_back=REASON_HEADER in titles,
    )


class _SentBack:
    """The CSV of the lines that could not be read: the workbook's own columns, the row's number, the reason."""

    def __init__(self, path: Path, sheet: _Sheet) -> None:
        self.count = 0
        # A file that comes back for the second time has both columns already.
        own = {LINE_HEADER, REASON_HEADER} if sheet.was_sent_back else set()
        self._places = [place for place, title in enumerate(sheet.header) if normalized(title) not in own]
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";")
        self._write([sheet.header[place] for place in self._places], LINE_HEADER, REASON_HEADER)

    def __enter__(self) -> _SentBack:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def add(self, number: int, cells: Sequence[Cell], reasons: Sequence[str]) -> None:
        own = [cells[place] or "" if place < len(cells) else "" for place in self._places]
        self._write(own, str(number), "; ".join(reasons))
        self.count += 1

    def _write(self, own: Sequence[str], number: str, reason: str) -> None:
        self._writer.writerow([neutralized(cell) for cell in (*own, number, reason)])


def _judged(sheet: _Sheet, sent_back: _SentBack, *, window: str) -> Iterator[pa.Table]:
    """Give the lines that can be read as tables of some thousand rows, and write the others to be mended."""
    width = len(sheet.header)
    numbers: list[int] = []
    lines: list[list[Cell]] = []
    code = list(COLUMNS).index("produto_servico")
    dates = [list(COLUMNS).index(name) for name in DATES]

    def table() -> pa.Table:
        texts = dict(zip(COLUMNS, zip(*lines, strict=True), strict=True))
        rows = text_table(texts, feed=PURCHASE_LINES.name, window=window, body=b"")
        rows = rows.add_column(0, "linha", pa.array(numbers, pa.int32()))
        return rows.append_column(
            "codigo_numerico", pa.array([isinstance(line[code], Number) for line in lines], pa.bool_())
        )

    for number, cells in sheet.rows():
        reasons = _faults_of_width(cells, width) if sheet.raw.is_csv else []
        line = [cells[place] if (place := sheet.places.get(name, width)) < len(cells) else None for name in COLUMNS]
        if sheet.raw.epoch != LOTUS_EPOCH:
            for place in dates:
                line[place] = _in_lotus_days(line[place], sheet.raw.epoch)
        reasons = reasons or faults(dict(zip(COLUMNS, line, strict=True)))
        if reasons:
            sent_back.add(number, cells, reasons)
            continue
        numbers.append(number)
        lines.append(line)
        if len(lines) == BATCH_ROWS:
            yield table()
            numbers, lines = [], []
    if lines:
        yield table()


def _faults_of_width(cells: Sequence[Cell], width: int) -> list[str]:
    """A record of a CSV with other fields than the header has lost or gained a delimiter: no field can be trusted."""
    if len(cells) < width or any(cell is not None for cell in cells[width:]):
        return [f"a linha tem {len(cells)} campos e o cabeçalho {width}: confira os separadores"]
    return []


def _in_lotus_days(cell: Cell, epoch: date) -> Cell:
    """Write a serial number that counts from another day as the number that counts from Excel's usual one."""
    if isinstance(cell, Number) and (match := SERIAL_DAY.fullmatch(cell)):
        return Number(int(match[1]) + (epoch - LOTUS_EPOCH).days)
    return cell


def _partition_day(lake: Lake, name: str, rows: pa.Table | None) -> date:
    """Return the partition of a workbook, the same for ever: else the same file would land again on another day.

    The day is that of the first purchase in the first rows that were ever landed.
    """
    known = lake.datasets(PURCHASE_LINES).get(name)
    if known is not None:
        return known[0]
    texts = rows.column("data_de_compra").to_pylist() if rows is not None else []
    return min((day for text in texts if text and (day := day_of(text)) is not None), default=UNDATED)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file into a refusal of the whole file."""
    try:
        yield
    except UnreadableWorkbookError as error:
        raise FeedContractError(
            PURCHASE_LINES.name, path.name, error.seen, error.advice, payload=path, name=path.name
        ) from None
