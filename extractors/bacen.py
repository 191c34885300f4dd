"""BACEN: time series of the SGS, the PTAX quotations of the US dollar, and the Focus survey of expectations.

Values are revised silently, so monthly series are read whole each time and every vintage stays. Numbers are
kept in the spelling that was sent. Units are not in the replies: which series are read, and what they mean, stands in
the registry `seeds/economic_series.csv`, which dbt reads as well.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import quote

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
FOCUS_EXPECTATIONS = BronzeTable(
    source="bacen",
    table="focus_expectations",
    schema=pa.schema(
        [
            ("Indicador", pa.string()),
            optional("IndicadorDetalhe"),
            *((name, pa.string()) for name in ("Data", "DataReferencia", "Media", "Mediana", "DesvioPadrao")),
            *((name, pa.string()) for name in ("Minimo", "Maximo")),
            optional("numeroRespondentes"),
            ("baseCalculo", pa.string()),
        ]
    ),
    kind="month",
    key=("Indicador", "IndicadorDetalhe", "Data", "DataReferencia", "baseCalculo"),
)

REGISTRY = Path(__file__).resolve().parents[1] / "seeds" / "economic_series.csv"
# CotacaoDolarPeriodo holds the closing of each day only, and does not say so in a column: a dataset of its own.
CLOSING_SUFFIX = ".fechamento"
PTAX_CURRENCIES = ("AUD", "CAD", "CHF", "DKK", "EUR", "GBP", "JPY", "NOK", "SEK", "USD")


@dataclass(frozen=True)
class Series:
    """One line of the registry.

    Attributes:
        dataset_id: Name in bronze, `sgs.433`, `ptax.USD` or `focus.ipca`.
        code: How the service calls it: number, currency or indicator.
        kind: Service: sgs, ptax or focus.
        frequency: daily or monthly.
        usable_from: First day in today's currency; earlier values are not asked for.
    """

    dataset_id: str
    code: str
    kind: str
    frequency: str
    usable_from: date | None


@cache
def registry(kind: str) -> tuple[Series, ...]:
    """Return the series of one service in the order of the registry."""
    with REGISTRY.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Series(
                row["series_id"],
                row["code"],
                row["kind"],
                row["frequency_name"],
                date.fromisoformat(row["usable_from_on"]) if row["usable_from_on"] else None,
            )
            for row in csv.DictReader(lines)
            if row["kind"] == kind
        )


def sgs_dataset_id(code: int) -> str:
    """Return the name of a series in bronze."""
    return f"sgs.{code}"


def focus_dataset_id(indicator: str) -> str:
    """Return the name of an indicator in bronze: `PIB Total` is `focus.pib-total`."""
    plain = unicodedata.normalize("NFD", indicator).encode("ascii", "ignore").decode().lower()
    return f"focus.{'-'.join(re.findall(r'[a-z0-9]+', plain))}"


SGS_WINDOW_YEARS = 10
PTAX_WINDOW_DAYS = 365
PTAX_PAGE_ROWS = 10_000
FOCUS_PAGE_ROWS = 5_000
REREAD_DAYS = 60
# Series 432 holds the target up to the next meeting of the committee, less than two months ahead.
DAYS_AHEAD = 92

BRAZILIAN = re.compile(r"(?P<day>\d{2})/(?P<month>\d{2})/(?P<year>\d{4})")
BULLETIN_MOMENT = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?")
ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
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
    rows = _odata_rows(PTAX_QUOTES, body, window=window, name=name)
    if rows.num_rows >= PTAX_PAGE_ROWS:
        seen = f"{rows.num_rows} rows: the page is full"
        raise FeedContractError(PTAX_QUOTES.name, window, seen, "ask for shorter windows", payload=body, name=name)
    return _checked(PTAX_QUOTES, "dataHoraCotacao", BULLETIN_MOMENT, rows, window=window, body=body, name=name)


def parse_focus(body: bytes, *, window: str, name: str = "focus.json") -> pa.Table:
    """Parse a page of ExpectativasMercadoAnuais; one row per indicator, day, year and basis.

    Two rows stand for a day and year, one of the last 30 days (baseCalculo 0) and one of the last five business
    days (1). Numbers are the text of the reply.

    Raises:
        FeedContractError: Anything but an object with `value`, or a key that comes twice.
    """
    rows = _odata_rows(FOCUS_EXPECTATIONS, body, window=window, name=name)
    rows = _checked(FOCUS_EXPECTATIONS, "Data", ISO, rows, window=window, body=body, name=name)
    twice = repeated_key(rows)
    if twice:
        advice = "if the source has a new column that tells the rows apart, it belongs into the key"
        seen = f"the key {twice} twice"
        raise FeedContractError(FOCUS_EXPECTATIONS.name, window, seen, advice, payload=body, name=name)
    return rows


def repeated_key(*pages: pa.Table) -> tuple[str | None, ...] | None:
    """Return a key that stands twice in pages of expectations, or None."""
    seen: set[tuple[str | None, ...]] = set()
    for page in pages:
        for key in zip(*(page.column(name).to_pylist() for name in FOCUS_EXPECTATIONS.key), strict=True):
            if key in seen:
                return key
            seen.add(key)
    return None


def currency_of_file(path: Path) -> str:
    """Return the currency that a file's name tells; a PTAX reply does not tell it.

    Raises:
        FeedContractError: The name tells none.
    """
    words = set(re.findall(r"[A-Z]+", path.name.upper()))
    for currency in PTAX_CURRENCIES:
        if currency in words:
            return currency
    if "dolar" in path.name.lower():
        return "USD"
    raise FeedContractError(
        PTAX_QUOTES.name,
        path.name,
        "a file name without the currency, and the reply does not tell it",
        "put the currency into the name of the file, for example CotacaoMoedaPeriodo_USD.json",
        payload=path,
        name=path.name,
    )


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


def ptax_batches(rows: pa.Table, currency: str, source_uri: str) -> Iterator[Batch]:
    """Cut checked quotations of one currency into one batch per month; closings alone are a dataset of their own."""
    closings_only = rows.column("tipoBoletim").null_count == rows.num_rows
    dataset_id = f"ptax.{currency}{CLOSING_SUFFIX if closings_only else ''}"
    yield from _batches(rows, "dataHoraCotacao", BULLETIN_MOMENT, dataset_id, source_uri)


def focus_batches(rows: pa.Table, source_uri: str) -> Iterator[Batch]:
    """Cut checked expectations into one batch per indicator and month."""
    indicators = rows.column("Indicador")
    for indicator in indicators.unique().to_pylist():
        own = rows.filter(pa.compute.equal(indicators, indicator))
        yield from _batches(own, "Data", ISO, focus_dataset_id(indicator), source_uri)


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


def days_to_read(
    known: tuple[date, date] | None, settings: Settings, *, whole: bool = False, ahead: int = 0
) -> tuple[date, date]:
    """Return the first and the last day to ask for: the window's, or from the look-back to today.

    Args:
        known: First and last month of the dataset in the lake, or None.
        settings: Window, history start and today.
        whole: Read everything that is held each time, as revisable monthly series need.
        ahead: Days after today that the series may already hold.
    """
    if settings.window is not None:
        return settings.window.first, settings.window.last
    return first_day_to_read(known, settings, whole=whole), settings.today + timedelta(days=ahead)


def first_day_to_read(known: tuple[date, date] | None, settings: Settings, *, whole: bool) -> date:
    """Return the first day to ask for: the first of a month, so that a vintage tells its month.

    Args:
        known: First and last month of the dataset in the lake, or None.
        settings: History start and today.
        whole: Read everything that is held each time, as revisable monthly series need.
    """
    start = settings.history_from.replace(day=1)
    if known is None:
        return start
    if whole:
        return min(start, known[0])
    return min(known[1], settings.today - timedelta(days=REREAD_DAYS)).replace(day=1)


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Fetch and land the SGS series, the PTAX quotations or the Focus expectations."""
    del folder
    fetch = {SGS_OBSERVATIONS.name: _fetch_sgs, PTAX_QUOTES.name: _fetch_ptax, FOCUS_EXPECTATIONS.name: _fetch_focus}
    with HttpClient() as client:
        return lake.land(table, fetch[table.name](client, settings, lake), run_id=run_id)


def _fetch_sgs(client: HttpClient, settings: Settings, lake: Lake) -> Iterator[Batch]:
    base = settings.need("BACEN_SGS_BASE_URL")
    known = lake.datasets(SGS_OBSERVATIONS)
    for series in registry("sgs"):
        is_monthly = series.frequency == "monthly"
        first, last = days_to_read(known.get(series.dataset_id), settings, whole=is_monthly, ahead=DAYS_AHEAD)
        first = max(first, series.usable_from or first)
        landed = 0
        for start, end in sgs_windows(first, last):
            window = f"series {series.code} {start}..{end}"
            url = (
                f"{base}/bcdata.sgs.{series.code}/dados?formato=json"
                f"&dataInicial={start:%d/%m/%Y}&dataFinal={end:%d/%m/%Y}"
            )
            reply = client.get(url, feed=SGS_OBSERVATIONS.name, window=window)
            with reply.judged():
                rows = parse_sgs_json(reply.body, window=window, name=f"sgs_{series.code}_{start}_{end}.json")
            landed += rows.num_rows
            yield from sgs_batches(rows, series.dataset_id, reply.url)
        _require(landed, SGS_OBSERVATIONS, settings, f"series {series.code} {first}..{last}", "value in any window")


def _fetch_ptax(client: HttpClient, settings: Settings, lake: Lake) -> Iterator[Batch]:
    """Give all bulletins of the dollar, and the closings that the bank publishes as such."""
    base = settings.need("BACEN_PTAX_BASE_URL")
    known = lake.datasets(PTAX_QUOTES)
    calls = {
        "": "CotacaoMoedaPeriodo(moeda=@moeda,dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao)"
        "?@moeda='USD'&",
        CLOSING_SUFFIX: "CotacaoDolarPeriodo(dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao)?",
    }
    for suffix, call in calls.items():
        dataset_id = f"ptax.USD{suffix}"
        first, last = days_to_read(known.get(dataset_id), settings)
        landed = 0
        for start, end in ptax_windows(first, min(last, settings.today)):
            window = f"{dataset_id} {start}..{end}"
            url = (
                f"{base}/{call}@dataInicial='{start:%m-%d-%Y}'&@dataFinalCotacao='{end:%m-%d-%Y}'"
                f"&$top={PTAX_PAGE_ROWS}&$format=json"
            )
            reply = client.get(url, feed=PTAX_QUOTES.name, window=window)
            with reply.judged():
                rows = parse_ptax(reply.body, window=window, name=f"{dataset_id}_{start}_{end}.json")
            landed += rows.num_rows
            yield from ptax_batches(rows, "USD", reply.url)
        # Two months never pass without a bulletin.
        _require(landed, PTAX_QUOTES, settings, f"{dataset_id} {first}..{last}", "bulletin in any window")


def _fetch_focus(client: HttpClient, settings: Settings, lake: Lake) -> Iterator[Batch]:
    base = settings.need("BACEN_FOCUS_BASE_URL")
    known = lake.datasets(FOCUS_EXPECTATIONS)
    for series in registry("focus"):
        first, last = days_to_read(known.get(series.dataset_id), settings)
        # The service does not read a plus as a space: it is written %20. The order is total, or pages would overlap.
        until = f" and Data le '{last}'" if settings.window else ""
        condition = quote(f"Indicador eq '{series.code}' and Data ge '{first}'{until}", safe="'")
        order = quote("Data,DataReferencia,IndicadorDetalhe,baseCalculo", safe=",")
        pages: list[pa.Table] = []
        while not pages or pages[-1].num_rows == FOCUS_PAGE_ROWS:
            skipped = len(pages) * FOCUS_PAGE_ROWS
            window = f"{series.dataset_id} {first}..{last} from row {skipped}"
            url = (
                f"{base}/ExpectativasMercadoAnuais?$filter={condition}&$orderby={order}"
                f"&$top={FOCUS_PAGE_ROWS}&$skip={skipped}&$format=json"
            )
            reply = client.get(url, feed=FOCUS_EXPECTATIONS.name, window=window)
            name = f"{series.dataset_id}_{first}_{skipped}.json"
            with reply.judged():
                pages.append(parse_focus(reply.body, window=window, name=name))
            twice = repeated_key(*pages)
            if twice:
                seen, advice = (
                    f"the key {twice} on two pages",
                    "run again; if it stays so, the service pages otherwise now",
                )
                raise FeedContractError(FOCUS_EXPECTATIONS.name, window, seen, advice, payload=reply.body, name=name)
            yield from focus_batches(pages[-1], reply.url)
        landed = sum(page.num_rows for page in pages)
        _require(landed, FOCUS_EXPECTATIONS, settings, f"{series.dataset_id} {first}..{last}", "expectation at all")


def _require(rows: int, table: BronzeTable, settings: Settings, window: str, what: str) -> None:
    """Refuse a series that is silent for the whole look-back; a month asked for by itself may rightly hold nothing."""
    if not rows and settings.window is None:
        advice = "check the address, and on the bank's site whether the series was discontinued"
        raise FeedContractError(table.name, window, f"no {what}", advice)


def _odata_rows(table: BronzeTable, body: bytes, *, window: str, name: str) -> pa.Table:
    reply = json_value(body, table.name, window, name=name)
    records = reply.get("value") if isinstance(reply, dict) else None
    if records is None:
        seen = f"no 'value' in the reply: {excerpt(body)}"
        raise FeedContractError(table.name, window, seen, LOOK_AT_IT, payload=body, name=name)
    return objects_to_table(records, feed=table.name, window=window, body=body, name=name)


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
