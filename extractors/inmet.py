"""INMET: the catalogue of automatic stations and their hourly observations.

Two roads lead to the same table: the API (JSON, a token in the path) and the files of the yearly archive
(CSV, three generations of headers). Hours are UTC and values stay as sent: `,8`, `-9999`, blank and NULL are
four different things until staging.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa

from extractors.http import FeedContractError, HttpClient, excerpt, require_data
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
                    "TP_ESTACAO",
                    "VL_LATITUDE",
                    "VL_LONGITUDE",
                    "VL_ALTITUDE",
                    "DT_INICIO_OPERACAO",
                ]
            ),
            *map(optional, ["DT_FIM_OPERACAO", "SG_ENTIDADE", "CD_OSCAR", "CD_WSI", "CD_DISTRITO", "FL_CAPITAL"]),
        ]
    ),
    kind="snapshot",
    key=("CD_ESTACAO",),
)
STATIONS_DATASET_ID = "stations.T"

WINDOW_DAYS = 365
# Observations of the last weeks still change: late transmissions fill holes, quality control blanks values.
REREAD_DAYS = 45

ISO_OR_SLASHED = re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{2})[-/](?P<day>\d{2})")
STATION_CODE = re.compile(r"[A-Z0-9]{3,8}")
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


def observation_batches(rows: pa.Table, source_uri: str) -> Iterator[Batch]:
    """Cut checked observations into one batch per station and month; the dataset is the station."""
    codes = rows.column("CD_ESTACAO")
    for code in codes.unique().to_pylist():
        own = rows.filter(pa.compute.equal(codes, code))
        days = [_measured_on(text) for text in own.column("DT_MEDICAO").to_pylist()]
        for month, part in split_by_month(own, [day for day in days if day is not None]):
            yield Batch(code.strip(), month, part, source_uri)


def windows(first: date, last: date) -> Iterator[tuple[date, date]]:
    """Cut the days first..last, both included, into windows that the API accepts."""
    start = first
    while start <= last:
        end = min(start + timedelta(days=WINDOW_DAYS - 1), last)
        yield start, end
        start = end + timedelta(days=1)


def first_day_to_read(known: tuple[date, date] | None, settings: Settings) -> date:
    """Return the first day to ask for: a whole month, because a vintage replaces its month.

    Args:
        known: First and last month of the station in the lake, or None.
        settings: History start and today.
    """
    if known is None:
        return settings.history_from.replace(day=1)
    return min(known[1], settings.today - timedelta(days=REREAD_DAYS)).replace(day=1)


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Fetch and land the stations or the observations over the API."""
    del folder
    with HttpClient(secrets=(settings.inmet_token,)) as client:
        if table is STATIONS:
            rows, uri = _fetch_stations(client, settings)
            batch = Batch(STATIONS_DATASET_ID, settings.today, rows, uri)
            return lake.land(table, [batch], run_id=run_id)
        return lake.land(table, _fetch_observations(client, settings, lake), run_id=run_id)


def _fetch_stations(client: HttpClient, settings: Settings) -> tuple[pa.Table, str]:
    url = f"{settings.need('INMET_BASE_URL')}/estacoes/T"
    reply = client.get(url, feed=STATIONS.name, window="T")
    return parse_stations(reply.body), reply.url


def _fetch_observations(client: HttpClient, settings: Settings, lake: Lake) -> Iterator[Batch]:
    base = settings.need("INMET_BASE_URL")
    token = quote(settings.need("INMET_TOKEN"), safe="")
    known = lake.datasets(OBSERVATIONS)
    silent = []
    stations = settings.inmet_stations or _operating_stations(client, settings)
    for station in stations:
        hours = 0
        # The first hours UTC of today still belong to yesterday in Bahia, so today is asked for too.
        for start, end in windows(first_day_to_read(known.get(station), settings), settings.today):
            window = f"{station} {start}..{end}"
            url = f"{base}/token/estacao/{start}/{end}/{quote(station)}/{token}"
            reply = client.get(url, feed=OBSERVATIONS.name, window=window)
            name = f"{station}_{start}_{end}.json"
            rows = parse_observations(reply.body, window=window, name=name)
            hours += rows.num_rows
            strangers = set(rows.column("CD_ESTACAO").to_pylist()) - {station}
            if strangers:
                raise FeedContractError(
                    OBSERVATIONS.name,
                    window,
                    f"observations of {sorted(strangers)[:5]}",
                    LOOK_AT_IT,
                    payload=reply.body,
                    name=name,
                )
            yield from observation_batches(rows, reply.url)
        if not hours:
            logger.warning("%s: station %s has no observation up to %s", OBSERVATIONS.name, station, settings.today)
            silent.append(station)
    if len(silent) == len(stations):
        raise FeedContractError(
            OBSERVATIONS.name,
            f"{', '.join(silent)} up to {settings.today}",
            "no observation of any station",
            "check the codes in INMET_STATIONS and whether the source works",
        )


def _operating_stations(client: HttpClient, settings: Settings) -> tuple[str, ...]:
    rows, _ = _fetch_stations(client, settings)
    stations = tuple(
        sorted(
            row["CD_ESTACAO"]
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
