"""BACEN: time series of the SGS and the PTAX bulletins of the US dollar.

Values are revised silently, so monthly series are read whole each time and every vintage stays. Numbers are
kept in the spelling that was sent. Units are not in the replies; they belong to the registry of series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pyarrow as pa

from extractors.http import FeedContractError, HttpClient, excerpt, require_data
from extractors.lake import Batch, BronzeTable, Lake, Landing, conform, optional
from extractors.settings import Settings, years_before
from extractors.text import LOOK_AT_IT, decode, json_value, objects_to_table, plausible_date, split_by_month, text_table

SGS_OBSERVATIONS = BronzeTable(
    source="bacen",
    table="sgs_observations",
    schema=pa.schema([("data", pa.string()), ("valor", pa.string()), optional("datafim")]),
    kind="month",
    key=("data",),
)

PTAX_QUOTES = BronzeTable(
    source="bacen",
    table="ptax_quotes",
    schema=pa.schema(
        [
            ("cotacaoCompra", pa.string()),
            ("cotacaoVenda", pa.string()),
            ("dataHoraCotacao", pa.string()),
            # The older CotacaoDolarPeriodo sends the closing only, without these.
            optional("paridadeCompra"),
            optional("paridadeVenda"),
            optional("tipoBoletim"),
        ]
    ),
    kind="month",
    key=("dataHoraCotacao", "tipoBoletim"),
)
PTAX_DATASET_ID = "ptax.USD"


def sgs_dataset_id(code: int) -> str:
    """Return the name of a series in bronze."""
    return f"sgs.{code}"


@dataclass(frozen=True)
class Series:
    """One series of the SGS that the platform reads."""

    code: int
    frequency: Literal["daily", "monthly"]

    @property
    def dataset_id(self) -> str:
        """Return the name of the series in bronze."""
        return sgs_dataset_id(self.code)


SERIES = (
    Series(433, "monthly"),
    Series(432, "daily"),
    Series(11, "daily"),
    Series(1, "daily"),
    Series(189, "monthly"),
    Series(24369, "monthly"),
)

SGS_WINDOW_YEARS = 10
PTAX_WINDOW_DAYS = 365
PTAX_PAGE_ROWS = 10_000
REREAD_DAYS = 60
# Series 432 holds the target up to the next meeting of the committee, less than two months ahead.
DAYS_AHEAD = 92

BRAZILIAN = re.compile(r"(?P<day>\d{2})/(?P<month>\d{2})/(?P<year>\d{4})")
BULLETIN_MOMENT = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?")
NO_VALUES = b"Value(s) not found"
CSV_HEADERS = (["data", "valor"], ["data", "valor", "datafim"])
SERIES_IN_FILE_NAME = (re.compile(r"bcdata\.sgs\.(\d+)"), re.compile(r"(?:^|[^a-z])sgs[._-]?(\d+)", re.IGNORECASE))


def parse_sgs_json(body: bytes, *, window: str, name: str = "sgs.json") -> pa.Table:
    """Parse a JSON reply of the SGS; one row per reference day as sent.

    The reply 'Value(s) not found' means that the window holds no data and gives no rows.

    Args:
        body: The reply.
        window: Series and days for messages.
        name: File name for the quarantine.

    Raises:
        FeedContractError: Anything but an array of `data` and `valor` with readable dates.
    """
    feed = SGS_OBSERVATIONS.name
    if body.lstrip().startswith(b'{"erro"') and NO_VALUES in body[:2000]:
        return SGS_OBSERVATIONS.schema.empty_table()
    rows = objects_to_table(json_value(body, feed, window, name=name), feed=feed, window=window, body=body, name=name)
    return _checked(SGS_OBSERVATIONS, "data", BRAZILIAN, rows, window=window, body=body, name=name)


def parse_sgs_csv(body: bytes, *, window: str, name: str = "sgs.csv") -> pa.Table:
    """Parse a CSV of the SGS: `"data";"valor"`, decimal comma kept, UTF-8 or latin-1.

    Raises:
        FeedContractError: Another header, or a line that does not fit it.
    """
    feed = SGS_OBSERVATIONS.name
    require_data(body, feed, window, name=name)
    lines = decode(body).replace("\r\n", "\n").rstrip("\n").split("\n")
    header = _csv_fields(lines[0])
    if header not in CSV_HEADERS:
        raise FeedContractError(
            feed, window, f"a header {lines[0][:120]!r}, expected 'data';'valor'", LOOK_AT_IT, payload=body, name=name
        )
    columns: list[list[str | None]] = [[] for _ in header]
    for number, line in enumerate(lines[1:], start=2):
        fields = _csv_fields(line)
        if len(fields) != len(header):
            raise FeedContractError(
                feed,
                window,
                f"line {number} has {len(fields)} fields, the header {len(header)}: {line[:120]!r}",
                LOOK_AT_IT,
                payload=body,
                name=name,
            )
        for column, value in zip(columns, fields, strict=True):
            column.append(value)
    rows = text_table(dict(zip(header, columns, strict=True)), feed=feed, window=window, body=body, name=name)
    return _checked(SGS_OBSERVATIONS, "data", BRAZILIAN, rows, window=window, body=body, name=name)


def parse_ptax(body: bytes, *, window: str, name: str = "ptax.json") -> pa.Table:
    """Parse a reply of CotacaoMoedaPeriodo or CotacaoDolarPeriodo; one row per bulletin.

    Numbers are the text of the reply. `{"value":[]}` (weekend, holiday) gives no rows.

    Raises:
        FeedContractError: Anything but an object with `value`, or a page that may have been cut.
    """
    feed = PTAX_QUOTES.name
    reply = json_value(body, feed, window, name=name)
    records = reply.get("value") if isinstance(reply, dict) else None
    if records is None:
        raise FeedContractError(
            feed, window, f"no 'value' in the reply: {excerpt(body)}", LOOK_AT_IT, payload=body, name=name
        )
    rows = objects_to_table(records, feed=feed, window=window, body=body, name=name)
    if rows.num_rows >= PTAX_PAGE_ROWS:
        raise FeedContractError(
            feed, window, f"{rows.num_rows} rows: the page is full", "ask for shorter windows", payload=body, name=name
        )
    return _checked(PTAX_QUOTES, "dataHoraCotacao", BULLETIN_MOMENT, rows, window=window, body=body, name=name)


def series_of_file(path: Path) -> int:
    """Return the code of the series that a file's name tells: `bcdata.sgs.433.csv`, `sgs_433_….json`.

    Raises:
        FeedContractError: The name tells none.
    """
    for pattern in SERIES_IN_FILE_NAME:
        match = pattern.search(path.name)
        if match:
            return int(match[1])
    raise FeedContractError(
        SGS_OBSERVATIONS.name,
        path.name,
        "a file name without the code of a series",
        "rename the file to bcdata.sgs.<code>.csv or sgs_<code>.json",
    )


def sgs_batches(rows: pa.Table, dataset_id: str, source_uri: str) -> Iterator[Batch]:
    """Cut checked observations of one series into one batch per month."""
    yield from _batches(rows, "data", BRAZILIAN, dataset_id, source_uri)


def ptax_batches(rows: pa.Table, source_uri: str) -> Iterator[Batch]:
    """Cut checked bulletins into one batch per month."""
    yield from _batches(rows, "dataHoraCotacao", BULLETIN_MOMENT, PTAX_DATASET_ID, source_uri)


def sgs_windows(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut the days first..last, both included, into windows of at most ten years; no day comes twice."""
    start = first
    while start <= last:
        end = min(years_before(start, -SGS_WINDOW_YEARS) - timedelta(days=1), last)
        yield start, end
        start = end + timedelta(days=1)


def ptax_windows(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut the days first..last, both included, into windows whose bulletins fit one page."""
    start = first
    while start <= last:
        end = min(start + timedelta(days=PTAX_WINDOW_DAYS - 1), last)
        yield start, end
        start = end + timedelta(days=1)


def first_day_to_read(known: tuple[date, date] | None, settings: Settings, *, whole: bool) -> date:
    """Return the first day to ask for: the first of a month, because a vintage replaces its month.

    Args:
        known: First and last month of the dataset in the lake, or None.
        settings: History start and today.
        whole: Read the whole history each time, as revisable monthly series need.
    """
    if known is None or whole:
        return settings.history_from.replace(day=1)
    return min(known[1], settings.today - timedelta(days=REREAD_DAYS)).replace(day=1)


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Fetch and land the SGS series or the PTAX bulletins."""
    del folder
    with HttpClient() as client:
        fetch = _fetch_sgs if table is SGS_OBSERVATIONS else _fetch_ptax
        return lake.land(table, fetch(client, settings, lake), run_id=run_id)


def _fetch_sgs(client: HttpClient, settings: Settings, lake: Lake) -> Iterator[Batch]:
    base = settings.need("BACEN_SGS_BASE_URL")
    known = lake.datasets(SGS_OBSERVATIONS)
    last = settings.today + timedelta(days=DAYS_AHEAD)
    for series in SERIES:
        first = first_day_to_read(known.get(series.dataset_id), settings, whole=series.frequency == "monthly")
        landed = 0
        for start, end in sgs_windows(first, last):
            window = f"series {series.code} {start}..{end}"
            url = (
                f"{base}/bcdata.sgs.{series.code}/dados?formato=json"
                f"&dataInicial={start:%d/%m/%Y}&dataFinal={end:%d/%m/%Y}"
            )
            reply = client.get(url, feed=SGS_OBSERVATIONS.name, window=window)
            rows = parse_sgs_json(reply.body, window=window, name=f"sgs_{series.code}_{start}_{end}.json")
            landed += rows.num_rows
            yield from sgs_batches(rows, series.dataset_id, reply.url)
        if not landed:
            raise FeedContractError(
                SGS_OBSERVATIONS.name,
                f"series {series.code} {first}..{last}",
                "no value in any window",
                "check on the SGS site whether the series was discontinued",
            )


def _fetch_ptax(client: HttpClient, settings: Settings, lake: Lake) -> Iterator[Batch]:
    base = settings.need("BACEN_PTAX_BASE_URL")
    first = first_day_to_read(lake.datasets(PTAX_QUOTES).get(PTAX_DATASET_ID), settings, whole=False)
    landed = 0
    for start, end in ptax_windows(first, settings.today):
        window = f"USD {start}..{end}"
        url = (
            f"{base}/CotacaoMoedaPeriodo(moeda=@moeda,dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao)"
            f"?@moeda='USD'&@dataInicial='{start:%m-%d-%Y}'&@dataFinalCotacao='{end:%m-%d-%Y}'"
            f"&$top={PTAX_PAGE_ROWS}&$format=json"
        )
        reply = client.get(url, feed=PTAX_QUOTES.name, window=window)
        rows = parse_ptax(reply.body, window=window, name=f"ptax_USD_{start}_{end}.json")
        landed += rows.num_rows
        yield from ptax_batches(rows, reply.url)
    if not landed:
        raise FeedContractError(
            PTAX_QUOTES.name,
            f"USD {first}..{settings.today}",
            "no bulletin in any window",
            "check BACEN_PTAX_BASE_URL and whether the service works; two months never pass without a bulletin",
        )


def _csv_fields(line: str) -> list[str]:
    return [field.removeprefix('"').removesuffix('"') for field in line.rstrip(";").split(";")]


def _batches(
    rows: pa.Table, column: str, pattern: re.Pattern[str], dataset_id: str, source_uri: str
) -> Iterator[Batch]:
    days = [plausible_date(text, pattern) for text in rows.column(column).to_pylist()]
    for month, part in split_by_month(rows, [day for day in days if day is not None]):
        yield Batch(dataset_id, month, part, source_uri)


def _checked(
    table: BronzeTable,
    column: str,
    pattern: re.Pattern[str],
    rows: pa.Table,
    *,
    window: str,
    body: bytes,
    name: str,
) -> pa.Table:
    """Return the rows in the table's columns; every row has a readable day."""
    if not rows.num_rows:
        return table.schema.empty_table()
    try:
        rows = conform(table, rows, window=window)
    except FeedContractError as error:
        error.payload, error.name = body, name
        raise
    for number, text in enumerate(rows.column(column).to_pylist()):
        if plausible_date(text, pattern) is None:
            raise FeedContractError(
                table.name, window, f"row {number} has {column} {text!r}", LOOK_AT_IT, payload=body, name=name
            )
    return rows
