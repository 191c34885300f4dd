"""CSV files that are larger than memory: looked through once, then read as a stream of Arrow tables, all as text.

Nothing about a particular feed belongs here.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv as pacsv

from extractors.http import FeedContractError, refusal

DELIMITERS = ";,|"
BLOCK_BYTES = 4 << 20
HEAD_BYTES = 1 << 16
LARGEST_LINE_BYTES = 1 << 24
LARGEST_MEMBER_BYTES = 16 << 30
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
# Whether a piece of text may hold a line without anything in it; telling so is fast, counting such lines is not.
BLANK_LINE = re.compile(rb"\n[\r\n]")

Opener = Callable[[], AbstractContextManager[IO[bytes]]]
Broken = Callable[[str], FeedContractError]


@dataclass(frozen=True)
class LargeCsv:
    """A CSV file that has been looked through: its encoding and its lines are known.

    Attributes:
        opener: Opens the bytes anew.
        broken: Makes the error of this file from what was seen.
        encoding: `utf8` or `latin-1`, true for every byte of the file.
        delimiter: Of the fields.
        headings: Of the columns, as they are spelt.
        lines: Lines that are not blank, the header included.
    """

    opener: Opener
    broken: Broken
    encoding: str
    delimiter: str
    headings: list[str]
    lines: int

    def tables(self, columns: Sequence[str] | None = None, wanted: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Give the rows in tables of some ten thousand rows; a cell that is empty is the empty text.

        Args:
            columns: Names to use in place of the headings.
            wanted: Of these, the columns to read; all by default.

        Raises:
            FeedContractError: A row does not fit the header, or the rows are not as many as the lines. The rows
                before have been given by then: land them only when the stream has ended.
        """
        names = list(columns or self.headings)
        rows = 0
        try:
            with self.opener() as source, self._reader(source, names, list(wanted or names)) as reader:
                for batch in reader:
                    rows += batch.num_rows
                    yield pa.Table.from_batches([batch])
        except (pa.ArrowException, UnicodeError, *BROKEN_ARCHIVE) as error:
            raise self.broken(f"a row that does not fit the header of {len(names)} columns ({error})") from None
        if rows != self.lines - 1:
            # A stray quotation mark swallows the lines up to the next one without any other symptom.
            raise self.broken(f"{rows} rows in {self.lines - 1} lines: quotation marks that span lines")

    def _reader(self, source: IO[bytes], names: list[str], wanted: list[str]) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            source,
            read_options=pacsv.ReadOptions(
                encoding=self.encoding, column_names=names, skip_rows=1, block_size=BLOCK_BYTES, use_threads=True
            ),
            parse_options=pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), include_columns=wanted, strings_can_be_null=False
            ),
        )


def look_through(opener: Opener, broken: Broken) -> LargeCsv:
    """Read a file once for its encoding, its lines and its header.

    Raises:
        FeedContractError: It cannot be unpacked, or it is a refusal instead of data.
    """
    encoding, lines, head = "utf8", 0, b""
    try:
        with opener() as source:
            # Cut at line ends, a piece holds no half of a letter.
            while piece := source.read(BLOCK_BYTES) + source.readline(LARGEST_LINE_BYTES):
                head = head or piece[:HEAD_BYTES]
                lines += _lines(piece)
                if encoding == "utf8":
                    try:
                        piece.decode()
                    except UnicodeDecodeError:
                        encoding = "latin-1"
    except BROKEN_ARCHIVE as error:
        raise broken(f"a file that cannot be unpacked ({error})") from None
    reason = refusal(head)
    if reason is not None:
        raise broken(reason)
    delimiter, headings = _header(head, encoding)
    if len(set(headings)) < len(headings):
        raise broken(f"a header that repeats a column: {headings}")
    return LargeCsv(opener, broken, encoding, delimiter, headings, lines)


def file_opener(path: Path) -> Opener:
    """Return what opens a plain file."""
    return lambda: path.open("rb")


def _lines(piece: bytes) -> int:
    if piece[:1] in {b"\r", b"\n"} or BLANK_LINE.search(piece):
        return sum(1 for line in piece.split(b"\n") if line.strip(b"\r"))
    return piece.count(b"\n") + (not piece.endswith(b"\n"))


def _header(head: bytes, encoding: str) -> tuple[str, list[str]]:
    line = head.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].decode(encoding, errors="replace").rstrip("\r")
    delimiter = max(DELIMITERS, key=line.count)
    try:
        return delimiter, next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return delimiter, []
