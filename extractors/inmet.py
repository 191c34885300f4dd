"""INMET: the catalogue of stations and the hourly observations of the automatic ones.

Two roads lead to the same table: the API (JSON, a token in the path) and the yearly archive (one ZIP a year, one
CSV a station, three generations of headers). The archive backfills whole past years, one call a year instead of one
a station; the API brings the rest and what still changes. Hours are UTC and values stay as sent: `,8`, `-9999`, blank,
NULL and a row that is absent are five different things until staging.
"""

from __future__ import annotations

import logging
import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from extractors.http import FeedContractError, HttpClient, excerpt, refusal, require_data
from extractors.lake import Batch, BronzeTable, Lake, Landing, conform, optional
from extractors.settings import Settings
from extractors.text import LOOK_AT_IT, decode, json_value, objects_to_table, plausible_date, split_by_month, text_table

logger = logging.getLogger(__name__)

MEASURES = [
    "CHUVA",
    "TEM_INS",
    "TEM_MAX",
    "TEM_MIN",
    "UMD_INS",
    "UMD_MAX",
    "UMD_MIN",
    "PRE_INS",
    "PRE_MAX",
    "PRE_MIN",
    "VEN_VEL",
    "VEN_DIR",
    "VEN_RAJ",
    "RAD_GLO",
    "PTO_INS",
    "PTO_MAX",
    "PTO_MIN",
]

OBSERVATIONS = BronzeTable(
    source="inmet",
    table="observations",
    schema=pa.schema(
        [
            *((name, pa.string()) for name in ("DC_NOME", "CD_ESTACAO", "UF", "DT_MEDICAO", "HR_MEDICAO")),
            *((name, pa.string()) for name in MEASURES),
            # The archive has no battery, the API no temperature of the processor before 2022.
            optional("TEN_BAT"),
            ("VL_LATITUDE", pa.string()),
            ("VL_LONGITUDE", pa.string()),
            optional("TEM_SEN"),
            optional("TEM_CPU"),
        ]
    ),
    kind="month",
    key=("CD_ESTACAO", "DT_MEDICAO", "HR_MEDICAO"),
)

STATIONS = BronzeTable(
    source="inmet",
    table="stations",
    schema=pa.schema(
        [
            *(
                (name, pa.string())
                for name in [
                    "CD_ESTACAO",
                    "DC_NOME",
                    "SG_ESTADO",
                    "CD_SITUACAO",
                    "VL_LATITUDE",
                    "VL_LONGITUDE",
                    "VL_ALTITUDE",
                    "DT_INICIO_OPERACAO",
                ]
            ),
            # The catalogue that the portal offers as CSV has eight columns, the API fifteen.
            *map(optional, ["TP_ESTACAO", "DT_FIM_OPERACAO", "SG_ENTIDADE", "CD_OSCAR"]),
            *map(optional, ["CD_WSI", "CD_DISTRITO", "FL_CAPITAL"]),
        ]
    ),
    kind="snapshot",
    key=("CD_ESTACAO",),
)
STATIONS_DATASET_ID = "stations.T"
CONVENTIONAL_DATASET_ID = "stations.M"

WINDOW_DAYS = 365
# Observations of the last weeks still change: late transmissions fill holes, quality control blanks values.
REREAD_DAYS = 45
# Stations that are asked at the same time; each holds its answer in memory, and the pace per host holds for all.
STATIONS_AT_ONCE = 4
HOURS_OF_A_DAY = 24
# A station's year is below 1 MB; a member beyond this is no station's year.
LARGEST_MEMBER_BYTES = 32 << 20
# What zipfile and the decompressors under it raise on damaged bytes.
BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(OSError, RuntimeError, NotImplementedError, ValueError, OverflowError),
)

ISO_OR_SLASHED = re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{2})[-/](?P<day>\d{2})")
# Codes come with spaces around them (" 04"); the dataset is named by the code without them.
STATION_CODE = re.compile(r"[A-Z0-9]{2,8}")
METADATA_LINES = 8
# The exact labels differ between the generations, also in their accents; their beginnings do not.
ARCHIVE_LABELS = {"UF": "UF", "ESTACAO": "DC_NOME", "CODIGO": "CD_ESTACAO"} | {
    "LATITUDE": "VL_LATITUDE",
    "LONGITUDE": "VL_LONGITUDE",
}
ARCHIVE_COLUMNS = {
    "DATA": "DT_MEDICAO",
    "HORA": "HR_MEDICAO",
    "PRECIPITACAO TOTAL": "CHUVA",
    "PRESSAO ATMOSFERICA AO NIVEL": "PRE_INS",
    "PRESSAO ATMOSFERICA MAX": "PRE_MAX",
    "PRESSAO ATMOSFERICA MIN": "PRE_MIN",
    "RADIACAO GLOBAL": "RAD_GLO",
    "TEMPERATURA DO AR BULBO SECO": "TEM_INS",
    "TEMPERATURA DO PONTO DE ORVALHO": "PTO_INS",
    "TEMPERATURA MAXIMA": "TEM_MAX",
    "TEMPERATURA MINIMA": "TEM_MIN",
    "TEMPERATURA ORVALHO MAX": "PTO_MAX",
    "TEMPERATURA ORVALHO MIN": "PTO_MIN",
    "UMIDADE REL MAX": "UMD_MAX",
    "UMIDADE REL MIN": "UMD_MIN",
    "UMIDADE RELATIVA DO AR": "UMD_INS",
    "VENTO DIRECAO": "VEN_DIR",
    "VENTO RAJADA": "VEN_RAJ",
    "VENTO VELOCIDADE": "VEN_VEL",
}


def parse_observations(body: bytes, *, window: str, name: str = "observations.json") -> pa.Table:
    """Parse a reply of `/token/estacao/{start}/{end}/{station}/{token}`.

    Args:
        body: The reply.
        window: Station and days for messages.
        name: File name for the quarantine.

    Returns:
        One row per hour as sent, text columns; `[]` gives no rows.

    Raises:
        FeedContractError: Anything but an array of observations with their columns and readable dates.
    """
    feed = OBSERVATIONS.name
    rows = objects_to_table(json_value(body, feed, window, name=name), feed=feed, window=window, body=body, name=name)
    if not rows.num_rows:
        return OBSERVATIONS.schema.empty_table()
    return _checked(OBSERVATIONS, rows, window, body, name)


def parse_stations(body: bytes, *, window: str = "T", name: str = "stations.json") -> pa.Table:
    """Parse the reply of `/estacoes/T`; one row per station as sent, text columns.

    Raises:
        FeedContractError: Anything but a non-empty array of stations with their columns.
    """
    feed = STATIONS.name
    rows = objects_to_table(json_value(body, feed, window, name=name), feed=feed, window=window, body=body, name=name)
    if not rows.num_rows:
        raise FeedContractError(feed, window, "no station at all", LOOK_AT_IT, payload=body, name=name)
    return _checked(STATIONS, rows, window, body, name)


def parse_stations_csv(body: bytes, *, window: str, name: str = "stations.csv") -> pa.Table:
    """Parse the catalogue that the portal offers for download: `;`, decimal comma, one station a line.

    Raises:
        FeedContractError: Another header, or a line that does not fit it.
    """
    feed = STATIONS.name
    require_data(body, feed, window, name=name)
    lines = decode(body).replace("\r\n", "\n").rstrip("\n").split("\n")
    header = [label.strip().upper() for label in lines[0].split(";")]
    values: list[list[str | None]] = [[] for _ in header]
    for number, line in enumerate(lines[1:], start=2):
        fields = line.split(";")
        if len(fields) != len(header):
            seen = f"line {number} has {len(fields)} fields, the header {len(header)}: {line[:120]!r}"
            raise FeedContractError(feed, window, seen, LOOK_AT_IT, payload=body, name=name)
        for cells, value in zip(values, fields, strict=True):
            cells.append(value)
    if len(set(header)) < len(header) or len(lines) < 2:
        seen = f"no station, or a column twice in {header}"
        raise FeedContractError(feed, window, seen, LOOK_AT_IT, payload=body, name=name)
    table = dict(zip(header, values, strict=True))
    return _checked(STATIONS, text_table(table, feed=feed, window=window, body=body, name=name), window, body, name)


def parse_archive(body: bytes, *, window: str, name: str = "archive.csv") -> pa.Table:
    """Parse one station's CSV of the yearly archive, of any of the three generations.

    Station, state and coordinates come from the lines above the header; all other values from the rows, as
    sent. Columns that only the API has are NULL.

    Args:
        body: The file.
        window: What it is, for messages; usually the file name.
        name: File name for the quarantine.

    Raises:
        FeedContractError: The file has another layout, or a row that does not fit it.
    """
    feed = OBSERVATIONS.name
    require_data(body, feed, window, name=name)

    def broken(seen: str) -> FeedContractError:
        return FeedContractError(feed, window, seen, LOOK_AT_IT, payload=body, name=name)

    lines = decode(body).replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) <= METADATA_LINES:
        raise broken(f"{len(lines)} lines, fewer than the {METADATA_LINES} above the header: {excerpt(body)}")
    station: dict[str, str] = {}
    for line in lines[:METADATA_LINES]:
        label, _, value = line.partition(";")
        for prefix, column in ARCHIVE_LABELS.items():
            if _starts(label, prefix):
                station[column] = value.rstrip(";")
    if len(station) < len(ARCHIVE_LABELS):
        raise broken(f"station lines with {sorted(station)} only: {excerpt(body)}")
    if not STATION_CODE.fullmatch(station["CD_ESTACAO"].strip()):
        raise broken(f"{station['CD_ESTACAO'][:40]!r} where a station code is due")
    # Every line of a file ends with `;` or none does; guessing line by line would shift values unseen.
    closing = ";" if lines[METADATA_LINES].endswith(";") else ""
    header = lines[METADATA_LINES].removesuffix(closing).split(";")
    columns = [
        next((column for prefix, column in ARCHIVE_COLUMNS.items() if _starts(label, prefix)), label.strip())
        for label in header
    ]
    absent = sorted(set(ARCHIVE_COLUMNS.values()) - set(columns))
    if absent or len(set(columns)) < len(columns):
        raise broken(f"a header that lacks {absent} or repeats a column: {header}")
    values: list[list[str | None]] = [[] for _ in columns]
    for number, line in enumerate(lines[METADATA_LINES + 1 :], start=METADATA_LINES + 2):
        fields = line.removesuffix(closing).split(";")
        if len(fields) != len(columns) or not line.endswith(closing):
            raise broken(f"line {number} has {len(fields)} fields, the header {len(columns)}: {line[:120]!r}")
        for cells, value in zip(values, fields, strict=True):
            cells.append(value)
    count = len(lines) - METADATA_LINES - 1
    table: dict[str, list[str | None]] = {column: [value] * count for column, value in station.items()}
    table |= dict(zip(columns, values, strict=True))
    rows = text_table(table, feed=feed, window=window, body=body, name=name)
    return _checked(OBSERVATIONS, rows, window, body, name)


def is_catalogue(body: bytes) -> bool:
    """Say whether a downloaded file is a catalogue of stations; only a catalogue tells what state they are in."""
    return b"CD_SITUACAO" in body[:4096]


def read_archive(
    path: Path, *, window: str, wanted: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[str, pa.Table]]:
    """Read the yearly archive, or any ZIP of station files, one station's file in memory at a time.

    Folders in the ZIP, whatever their depth, and what a Mac adds are passed over.

    Args:
        path: The ZIP.
        window: What it is, for messages.
        wanted: Says by the code whether a station is read; asked before its rows are unpacked.

    Yields:
        Name of the member and its rows.

    Raises:
        FeedContractError: No ZIP, a damaged one, one without any station, or a member that `parse_archive` refuses.
    """

    def broken(seen: str) -> FeedContractError:
        advice = "download the file again; if it stays so, look at what the source publishes"
        return FeedContractError(OBSERVATIONS.name, window, seen, advice, payload=path, name=path.name)

    try:
        archive = zipfile.ZipFile(path)
    except BROKEN_ZIP as error:
        with path.open("rb") as file:
            head = file.read(4096)
        raise broken(f"{refusal(head) or f'no ZIP ({error})'}: {excerpt(head)}") from None
    with archive:
        members = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
        files = [info for info in members if info.filename.lower().endswith(".csv")]
        if not files:
            raise broken(f"no station file among {[info.filename for info in members][:5]}")
        if len(files) < len(members):
            others = sorted({info.filename for info in members} - {info.filename for info in files})
            logger.warning("%s [%s]: passed over, no station files: %s", OBSERVATIONS.name, window, others[:5])
        for info in files:
            try:
                with archive.open(info) as opened:
                    head = opened.read(4096)
                    code = _station_of(head)
                    if code is not None and not wanted(code):
                        continue
                    body = head + opened.read(LARGEST_MEMBER_BYTES)
            except BROKEN_ZIP as error:
                raise broken(f"a member {info.filename!r} that cannot be unpacked ({error})") from None
            if len(body) > LARGEST_MEMBER_BYTES:
                raise broken(f"a member {info.filename!r} above {LARGEST_MEMBER_BYTES} bytes")
            name = Path(info.filename).name
            yield info.filename, parse_archive(body, window=f"{window} {name}", name=name)


def observation_batches(rows: pa.Table, source_uri: str) -> Iterator[Batch]:
    """Cut checked observations into one batch per station and month; the dataset is the station."""
    codes = rows.column("CD_ESTACAO")
    for code in codes.unique().to_pylist():
        own = rows.filter(pa.compute.equal(codes, code))
        days = [_measured_on(text) for text in own.column("DT_MEDICAO").to_pylist()]
        for month, part in split_by_month(own, [day for day in days if day is not None]):
            yield Batch(code.strip(), month, part, source_uri)


def archive_batches(path: Path, *, window: str, source_uri: str) -> Iterator[Batch]:
    """Read a whole archive into one batch per station and month."""
    for member, rows in read_archive(path, window=window):
        yield from observation_batches(rows, f"{source_uri}/{member}")


def stations_batch(rows: pa.Table, day: date, source_uri: str) -> Batch:
    """Return a catalogue as read on a day; conventional stations have codes without a letter."""
    is_automatic = any(not code.strip().isdigit() for code in rows.column("CD_ESTACAO").to_pylist())
    return Batch(STATIONS_DATASET_ID if is_automatic else CONVENTIONAL_DATASET_ID, day, rows, source_uri)


def windows(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut the days first..last, both included, into windows that the API accepts."""
    start = first
    while start <= last:
        end = min(start + timedelta(days=WINDOW_DAYS - 1), last)
        yield start, end
        start = end + timedelta(days=1)


def days_to_read(known: tuple[date, date] | None, settings: Settings) -> tuple[date, date]:
    """Return the first and the last day to ask for: the window's, or from the look-back to today."""
    if settings.window is not None:
        return settings.window.first, max(settings.window.first, min(settings.window.last, settings.today))
    # The first hours UTC of today still belong to yesterday in Bahia, so today is asked for too.
    return first_day_to_read(known, settings), settings.today


def first_day_to_read(known: tuple[date, date] | None, settings: Settings) -> date:
    """Return the first day to ask for: a whole month, so that a vintage tells its month.

    Args:
        known: First and last month of the station in the lake, or None.
        settings: History start and today.
    """
    if known is None:
        return settings.history_from.replace(day=1)
    return min(known[1], settings.today - timedelta(days=REREAD_DAYS)).replace(day=1)


def archive_years(settings: Settings) -> range:
    """Return the years that the archive can backfill: over, and old enough to change no more."""
    settled = settings.today - timedelta(days=REREAD_DAYS)
    return range(settings.history_from.year, settled.year)


def uncovered(first: date, last: date, archived: Mapping[int, date]) -> Iterator[tuple[date, date]]:
    """Give the spans of first..last, both included, that the archive did not bring.

    Args:
        first: First day wanted.
        last: Last day wanted.
        archived: Last complete day in the file of each year; a year's file may end in August.
    """
    start = first
    for year in sorted(archived):
        if start < date(year, 1, 1):
            yield start, date(year, 1, 1) - timedelta(days=1)
        start = max(start, archived[year] + timedelta(days=1))
    if start <= last:
        yield start, last


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Fetch and land the catalogue of stations, or the observations from archive and API."""
    with HttpClient(secrets=(settings.inmet_token,)) as client:
        if table is STATIONS:
            rows, uri = _fetch_stations(client, settings)
            return lake.land(table, [stations_batch(rows, settings.today, uri)], run_id=run_id)
        remarks: list[str] = []
        landing = lake.land(table, _fetch_observations(client, settings, lake, folder, remarks), run_id=run_id)
        landing.remarks.extend(remarks)
        return landing


def _fetch_stations(client: HttpClient, settings: Settings) -> tuple[pa.Table, str]:
    url = f"{settings.need('INMET_BASE_URL')}/estacoes/T"
    reply = client.get(url, feed=STATIONS.name, window="T")
    with reply.judged():
        return parse_stations(reply.body), reply.url


def _fetch_observations(
    client: HttpClient, settings: Settings, lake: Lake, folder: Path, remarks: list[str]
) -> Iterator[Batch]:
    known = lake.datasets(OBSERVATIONS)
    stations = settings.inmet_stations or _operating_stations(client, settings)
    # A window is read from the API alone: the two spell the same hours differently, and would take turns in bronze.
    archived: dict[str, dict[int, date]] = {
        station: {} for station in stations if station not in known and settings.window is None
    }
    if settings.inmet_archive_base_url and archived:
        yield from _from_archive(client, settings, folder, archived, remarks)
    spans = {
        station: list(uncovered(*days_to_read(known.get(station), settings), archived.get(station, {})))
        for station in stations
    }
    silent = []
    for station, batches in _from_api(client, settings, spans):
        yield from batches
        if not batches:
            silent.append(station)
            remarks.append(
                f"station {station} has no observation from {spans[station][0][0]} to {spans[station][-1][1]}"
            )
            logger.warning("%s: %s", OBSERVATIONS.name, remarks[-1])
    if len(silent) == len(stations):
        raise FeedContractError(
            OBSERVATIONS.name,
            f"{', '.join(silent)} {settings.window or f'up to {settings.today}'}",
            "no observation of any station",
            "check the codes in INMET_STATIONS and whether the source works",
        )


def _from_archive(
    client: HttpClient,
    settings: Settings,
    folder: Path,
    archived: dict[str, dict[int, date]],
    remarks: list[str],
) -> Iterator[Batch]:
    """Give the past years of the stations in `archived`, and note there how far the file of each year reaches."""
    first = settings.history_from.replace(day=1)
    for year in archive_years(settings):
        path = folder / f"{year}.zip"
        url = f"{settings.inmet_archive_base_url}/{year}.zip"
        reply = client.download(url, path, feed=OBSERVATIONS.name, window=f"archive {year}")
        if reply.status == 404:
            remarks.append(f"the archive of {year} is not there; the API is asked for that year")
            logger.warning("%s: %s", OBSERVATIONS.name, remarks[-1])
            continue
        with reply.judged():
            for member, rows in read_archive(path, window=f"archive {year}", wanted=archived.__contains__):
                days = [_measured_on(text) for text in rows.column("DT_MEDICAO").to_pylist()]
                whole = [day for day, hours in Counter(days).items() if day and hours >= HOURS_OF_A_DAY]
                if whole:
                    station = rows.column("CD_ESTACAO")[0].as_py().strip()
                    archived[station][year] = max(whole)
                asked_for = rows.filter(pa.array([day is not None and day >= first for day in days], pa.bool_()))
                yield from observation_batches(asked_for, f"{reply.url}/{member}")
        path.unlink()


def _from_api(
    client: HttpClient, settings: Settings, spans: Mapping[str, list[tuple[date, date]]]
) -> Iterator[tuple[str, list[Batch]]]:
    """Give the observations of each station in its spans, several stations being asked side by side."""
    base = settings.need("INMET_BASE_URL")
    token = quote(settings.need("INMET_TOKEN"), safe="")

    def read(station: str) -> list[Batch]:
        batches: list[Batch] = []
        for first, last in spans[station]:
            for start, end in windows(first, last):
                window = f"{station} {start}..{end}"
                url = f"{base}/token/estacao/{start}/{end}/{quote(station)}/{token}"
                reply = client.get(url, feed=OBSERVATIONS.name, window=window)
                if reply.status == 204 and not reply.body.strip():
                    continue
                with reply.judged():
                    rows = _of_one_station(reply.body, station, window, f"{station}_{start}_{end}.json")
                batches.extend(observation_batches(rows, reply.url))
        return batches

    with ThreadPoolExecutor(STATIONS_AT_ONCE, thread_name_prefix="inmet") as pool:
        asked: deque[tuple[str, Future[list[Batch]]]] = deque()
        try:
            for station in spans:
                asked.append((station, pool.submit(read, station)))
                if len(asked) == STATIONS_AT_ONCE:
                    first_asked, answer = asked.popleft()
                    yield first_asked, answer.result()
            while asked:
                first_asked, answer = asked.popleft()
                yield first_asked, answer.result()
        finally:
            for _, answer in asked:
                answer.cancel()


def _of_one_station(body: bytes, station: str, window: str, name: str) -> pa.Table:
    rows = parse_observations(body, window=window, name=name)
    strangers = {code.strip() for code in rows.column("CD_ESTACAO").to_pylist()} - {station}
    if strangers:
        seen = f"observations of {sorted(strangers)[:5]}"
        raise FeedContractError(OBSERVATIONS.name, window, seen, LOOK_AT_IT, payload=body, name=name)
    return rows


def _operating_stations(client: HttpClient, settings: Settings) -> tuple[str, ...]:
    rows, _ = _fetch_stations(client, settings)
    stations = tuple(
        sorted(
            row["CD_ESTACAO"].strip()
            for row in rows.to_pylist()
            if row["CD_SITUACAO"] == "Operante" and (row["SG_ESTADO"] or "").upper() in settings.inmet_states
        )
    )
    if not stations:
        raise FeedContractError(
            STATIONS.name,
            "T",
            f"no operating station in {', '.join(settings.inmet_states)}",
            "check INMET_STATES, or name the stations in INMET_STATIONS",
        )
    return stations


def _station_of(head: bytes) -> str | None:
    """Return the code in the first lines of a station's file, or None if they are not such lines."""
    for line in decode(head).splitlines()[:METADATA_LINES]:
        label, _, value = line.partition(";")
        if _starts(label, "CODIGO"):
            return value.rstrip(";").strip()
    return None


def _checked(table: BronzeTable, rows: pa.Table, window: str, body: bytes, name: str) -> pa.Table:
    """Return the rows in the table's columns; every row names its station and, if hourly, its day."""
    try:
        rows = conform(table, rows, window=window)
    except FeedContractError as error:
        error.payload, error.name = body, name
        raise
    for number, code in enumerate(rows.column("CD_ESTACAO").to_pylist()):
        if not STATION_CODE.fullmatch((code or "").strip()):
            raise FeedContractError(
                table.name, window, f"row {number} has station {code!r}", LOOK_AT_IT, payload=body, name=name
            )
    if table is OBSERVATIONS:
        for number, text in enumerate(rows.column("DT_MEDICAO").to_pylist()):
            if _measured_on(text) is None:
                raise FeedContractError(
                    table.name, window, f"row {number} has date {text!r}", LOOK_AT_IT, payload=body, name=name
                )
    return rows


def _measured_on(text: str | None) -> date | None:
    return plausible_date(text, ISO_OR_SLASHED)


def _starts(label: str, prefix: str) -> bool:
    """Say whether a label starts with a prefix, accents, case and punctuation aside; a lost letter is `?`."""
    plain = unicodedata.normalize("NFD", label.upper().replace("\N{REPLACEMENT CHARACTER}", "?"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = " ".join(re.sub(r"[^A-Z0-9?]+", " ", plain).split())
    return len(plain) >= len(prefix) and all(a in (b, "?") for a, b in zip(plain, prefix, strict=False))
