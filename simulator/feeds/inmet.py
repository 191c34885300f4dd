"""INMET's API and yearly archive: token in the path, everything as text, hours in UTC.

One station falls silent for some weeks of every year: the API then has no row, the archive rows without a value. The
file of another one ends in August of a year, though the API holds the rest.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from simulator.clock import UTC_OFFSET_HOURS
from simulator.feeds.partial import file_response
from simulator.feeds.world import FeedWorld
from simulator.streams import Ints
from simulator.weather import STATION_INDEX, STATIONS, HourlyWeather, Station

MAX_WINDOW_DAYS = 366
FIRST_ARCHIVE_YEAR = 2015
SILENT_STATION, SILENT_FROM, SILENT_TO = "A410", (3, 10), (4, 5)  # month and day, both included
SHORT_FILE = ("A402", 2025, date(2025, 8, 31))
LAST_LOCAL_HOUR_LABEL = UTC_OFFSET_HOURS - 1  # 02 UTC closes the local day before
ARCHIVE_HEADER = (
    "PRECIPITAÇÃO TOTAL, HORÁRIO (mm)",
    "PRESSAO ATMOSFERICA AO NIVEL DA ESTACAO, HORARIA (mB)",
    "PRESSÃO ATMOSFERICA MAX.NA HORA ANT. (AUT) (mB)",
    "PRESSÃO ATMOSFERICA MIN. NA HORA ANT. (AUT) (mB)",
    "RADIACAO GLOBAL (Kj/m²)",
    "TEMPERATURA DO AR - BULBO SECO, HORARIA (°C)",
    "TEMPERATURA DO PONTO DE ORVALHO (°C)",
    "TEMPERATURA MÁXIMA NA HORA ANT. (AUT) (°C)",
    "TEMPERATURA MÍNIMA NA HORA ANT. (AUT) (°C)",
    "TEMPERATURA ORVALHO MAX. NA HORA ANT. (AUT) (°C)",
    "TEMPERATURA ORVALHO MIN. NA HORA ANT. (AUT) (°C)",
    "UMIDADE REL. MAX. NA HORA ANT. (AUT) (%)",
    "UMIDADE REL. MIN. NA HORA ANT. (AUT) (%)",
    "UMIDADE RELATIVA DO AR, HORARIA (%)",
    "VENTO, DIREÇÃO HORARIA (gr) (° (gr))",
    "VENTO, RAJADA MAXIMA (m/s)",
    "VENTO, VELOCIDADE HORARIA (m/s)",
)
ARCHIVE_FIELDS = (
    *("CHUVA", "PRE_INS", "PRE_MAX", "PRE_MIN", "RAD_GLO", "TEM_INS", "PTO_INS", "TEM_MAX", "TEM_MIN", "PTO_MAX"),
    *("PTO_MIN", "UMD_MAX", "UMD_MIN", "UMD_INS", "VEN_DIR", "VEN_RAJ", "VEN_VEL"),
)
Texts = list[str | None]


@dataclass(frozen=True)
class Layout:
    """What differs between the generations of the archive."""

    labels: tuple[str, ...]
    time_columns: tuple[str, str]
    founded: str
    moment: str
    missing: str


COMMON_LABELS = ("CODIGO (WMO):", "LATITUDE:", "LONGITUDE:", "ALTITUDE:")
TO_2018 = Layout(
    ("REGIÃO:", "UF:", "ESTAÇÃO:", *COMMON_LABELS, "DATA DE FUNDAÇÃO (YYYY-MM-DD):"),
    ("DATA (YYYY-MM-DD)", "HORA (UTC)"),
    *("%Y-%m-%d", "%Y-%m-%d;%H:%M", "-9999"),
)
OF_2019 = Layout(
    ("REGI?O:", "UF:", "ESTAC?O:", *COMMON_LABELS, "DATA DE FUNDAC?O:"),
    ("Data", "Hora UTC"),
    *("%d/%m/%y", "%Y/%m/%d;%H00 UTC", ""),
)
FROM_2020 = Layout(
    ("REGIAO:", "UF:", "ESTACAO:", *COMMON_LABELS, "DATA DE FUNDACAO:"),
    ("Data", "Hora UTC"),
    *("%d/%m/%y", "%Y/%m/%d;%H00 UTC", ""),
)


@dataclass(frozen=True)
class Observations:
    """Hours of one station as text: one list per field of the API."""

    station: Station
    hours: list[datetime]  # UTC
    fields: dict[str, Texts]


def routes(world: FeedWorld) -> list[Route]:
    """The routes under /inmet."""
    archives: dict[int, tuple[date, bytes]] = {}

    def guarded(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            if "Mozilla" not in request.headers.get("user-agent", ""):
                return PlainTextResponse("Forbidden", 403)
            return answer(request)

        return endpoint

    def stations(request: Request) -> Response:
        automatic = request.path_params["kind"] == "T"
        return JSONResponse([_station_entry(station) for station in STATIONS] if automatic else [])

    def window(request: Request) -> Response:
        path = request.path_params
        if path["token"] != world.inmet_token:
            return PlainTextResponse("CHAVE INVÁLIDA!")
        try:
            start, end = date.fromisoformat(path["start"]), date.fromisoformat(path["end"])
        except ValueError:
            return JSONResponse({"message": "Data inválida"}, 400)
        if end < start or (end - start).days >= MAX_WINDOW_DAYS:
            return JSONResponse({"message": "Período inválido: máximo de 366 dias"}, 400)
        station = STATION_INDEX.get(path["station"])
        if station is None or not STATIONS[station].is_operating:
            return Response(status_code=204)
        return _json_or_empty([_records(observe(world, station, start, end))])

    def one_hour(request: Request) -> Response:
        path = request.path_params
        if path["token"] != world.inmet_token:
            return PlainTextResponse("CHAVE INVÁLIDA!")
        try:
            day = date.fromisoformat(path["day"])
        except ValueError:
            return JSONResponse({"message": "Data inválida"}, 400)
        found = [observe(world, i, day, day) for i, station in enumerate(STATIONS) if station.is_operating]
        return _json_or_empty([[r for r in _records(o) if r["HR_MEDICAO"] == path["hour"]] for o in found])

    def archive(request: Request) -> Response:
        name: str = request.path_params["name"]
        year = int(name.removesuffix(".zip")) if name.removesuffix(".zip").isdigit() else 0
        if not name.endswith(".zip") or not FIRST_ARCHIVE_YEAR <= year <= world.until.year:
            return PlainTextResponse("Not Found", 404)
        if year not in archives or archives[year][0] != world.until:
            archives[year] = (world.until, archive_zip(world, year))
        return file_response(request, archives[year][1], "application/zip")

    def unknown(request: Request) -> Response:
        message = f"E_ROUTE_NOT_FOUND: Cannot GET:{request.url.path.removeprefix('/inmet')}"
        return JSONResponse({"code": "E_ROUTE_NOT_FOUND", "message": message, "status": 404}, 404)

    return [
        Route("/inmet/estacoes/{kind}", guarded(stations)),
        Route("/inmet/token/estacao/dados/{day}/{hour}/{token}", guarded(one_hour)),
        Route("/inmet/token/estacao/{start}/{end}/{station}/{token}", guarded(window)),
        Route("/inmet/uploads/dadoshistoricos/{name}", guarded(archive)),
        Route("/inmet/{path:path}", guarded(unknown)),
    ]


def observe(world: FeedWorld, station: int, start: date, end: date) -> Observations:
    """The hours of UTC dates `start` to `end`, as far as the last closed local day reaches."""
    last = min(
        datetime.combine(end, time(23)),
        datetime.combine(world.until + timedelta(days=1), time(LAST_LOCAL_HOUR_LABEL)),
    )
    first = datetime.combine(start, time(0))
    count = max(0, int((last - first).total_seconds() // 3_600) + 1)
    hours = [first + timedelta(hours=i) for i in range(count)]
    local_first = first - timedelta(hours=UTC_OFFSET_HOURS)
    offset = int((local_first - datetime(local_first.year, 1, 1)).total_seconds() // 3_600)  # noqa: DTZ001 - local time without a zone
    years = range(local_first.year, last.year + 1)
    blocks = [(world.weather.hourly(station, year), _days_in(year)) for year in years]
    rows = np.arange(offset, offset + count)
    return Observations(STATIONS[station], hours, _fields(blocks, rows, STATIONS[station]))


def archive_zip(world: FeedWorld, year: int) -> bytes:
    """One CSV per station in the layout of its year: latin-1, decimal comma, trailing `;`. Odd years nest a folder."""
    payload = io.BytesIO()
    folder = f"{year}/" if year % 2 else ""
    with zipfile.ZipFile(payload, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        if folder:
            archive.writestr(zipfile.ZipInfo(folder, (year, 12, 31, 0, 0, 0)), b"")
        for index, station in enumerate(STATIONS):
            last = min(date(year, 12, 31), world.until)
            if (station.code, year) == SHORT_FILE[:2]:
                last = min(last, SHORT_FILE[2])
            name = f"INMET_NE_{station.state}_{station.code}_{station.name}_01-01-{year}_A_{last:%d-%m-%Y}.CSV"
            body = _archive_csv(observe(world, index, date(year, 1, 1), last), year).encode("latin-1")
            archive.writestr(zipfile.ZipInfo(folder + name, (year, 12, 31, 0, 0, 0)), body, zipfile.ZIP_DEFLATED, 1)
    return payload.getvalue()


def _archive_csv(seen: Observations, year: int) -> str:
    station = seen.station
    layout = TO_2018 if year <= 2018 else OF_2019 if year == 2019 else FROM_2020
    # Stations were surveyed again over the years: their coordinates moved a little.
    latitude = round(station.latitude + (0.0022 if year <= 2018 else 0.0), 8)
    values_above = (
        *("NE", station.state, station.name, station.code),
        *(_comma(str(number)) for number in (latitude, station.longitude, station.altitude_metres)),
        f"{station.founded_on:{layout.founded}}",
    )
    lines = [f"{label};{value}" for label, value in zip(layout.labels, values_above, strict=True)]
    lines.append(";".join((*layout.time_columns, *ARCHIVE_HEADER)) + ";")
    columns = [seen.fields[name] for name in ARCHIVE_FIELDS]
    for row, hour in enumerate(seen.hours):
        is_silent = not station.is_operating or _is_silent(station, hour)
        values = [layout.missing if is_silent or column[row] is None else _comma(column[row]) for column in columns]
        lines.append(f"{hour:{layout.moment}};" + ";".join(values) + ";")
    return "\r\n".join(lines) + "\r\n"


def _is_silent(station: Station, hour: datetime) -> bool:
    return station.code == SILENT_STATION and SILENT_FROM <= (hour.month, hour.day) <= SILENT_TO


def _comma(text: str | None) -> str:
    """Decimal comma without a leading zero, as the archive writes it: `,8`."""
    if text is None:
        return ""
    value = text.replace(".", ",")
    return value[1:] if value.startswith("0,") else value


def _station_entry(station: Station) -> dict[str, str | None]:
    founded = datetime.combine(station.founded_on - timedelta(days=1), time(21))
    return {
        "CD_OSCAR": f"0-2000-0-{86_000 + int(station.code[1:]):d}",
        "DC_NOME": station.name,
        "FL_CAPITAL": "S" if station.is_capital else "N",
        "DT_FIM_OPERACAO": None,
        "CD_SITUACAO": "Operante" if station.is_operating else "Pane",
        "TP_ESTACAO": "Automatica",
        "VL_LATITUDE": str(station.latitude),
        "CD_WSI": f"0-76-0-29{int(station.code[1:]):05d}00000{int(station.code[1:]):04d}",
        "CD_DISTRITO": " 04",
        "VL_ALTITUDE": str(station.altitude_metres),
        "SG_ESTADO": station.state,
        "SG_ENTIDADE": "INMET",
        "CD_ESTACAO": station.code,
        "VL_LONGITUDE": str(station.longitude),
        "DT_INICIO_OPERACAO": f"{founded:%Y-%m-%dT%H:%M:%S}.000-03:00",
    }


def _fields(blocks: list[tuple[HourlyWeather, int]], rows: Ints, station: Station) -> dict[str, Texts]:
    def pick(name: str) -> npt.NDArray[np.float64]:
        parts = [np.asarray(getattr(block, name), dtype=np.float64)[:days].ravel() for block, days in blocks]
        values: npt.NDArray[np.float64] = np.concatenate(parts)[rows]
        return values

    gap = pick("is_gap") > 0
    temperature, humidity, pressure = pick("temperature"), pick("humidity"), pick("pressure")
    dew = (temperature - (100 - humidity) / 5).round(1)
    gaps = np.where(gap, np.nan, 0.0)
    values = {
        "CHUVA": pick("rain_mm"),
        "PRE_INS": pressure,
        "PRE_MAX": (pressure + 0.2).round(1),
        "PRE_MIN": (pressure - 0.3).round(1),
        "RAD_GLO": pick("radiation"),
        "TEM_INS": temperature,
        "TEM_MAX": pick("temperature_max"),
        "TEM_MIN": pick("temperature_min"),
        "UMD_INS": humidity,
        "UMD_MAX": np.minimum(humidity + 2, 100),
        "UMD_MIN": np.maximum(humidity - 2, 0),
        "PTO_INS": dew,
        "PTO_MAX": (dew + 0.3).round(1),
        "PTO_MIN": (dew - 0.3).round(1),
        "VEN_VEL": pick("wind"),
        "VEN_RAJ": pick("gust"),
        "VEN_DIR": pick("wind_direction"),
        "TEM_SEN": (temperature + 0.8).round(1),
        "TEM_CPU": (temperature + 3).round(0),
        "TEN_BAT": np.full(len(rows), 12.6),
    }
    return {name: _texts(array + gaps) for name, array in values.items()}


def _texts(values: npt.NDArray[np.float64]) -> Texts:
    return [None if value != value else f"{value:g}" for value in values.tolist()]  # noqa: PLR0124 - NaN


def _records(seen: Observations) -> list[dict[str, str | None]]:
    """The rows of the API; a station that is silent has none."""
    station = seen.station
    fixed: dict[str, str | None] = {
        "DC_NOME": station.name,
        "CD_ESTACAO": station.code,
        "UF": station.state,
        "VL_LATITUDE": str(station.latitude),
        "VL_LONGITUDE": str(station.longitude),
    }
    names = list(seen.fields)
    rows = zip(seen.hours, *seen.fields.values(), strict=True)
    return [
        {
            **fixed,
            "DT_MEDICAO": f"{hour:%Y-%m-%d}",
            "HR_MEDICAO": f"{hour:%H00}",
            **dict(zip(names, values, strict=True)),
        }
        for hour, *values in rows
        if not _is_silent(station, hour)
    ]


def _json_or_empty(groups: list[list[dict[str, str | None]]]) -> Response:
    records = [record for group in groups for record in group]
    if not records:
        return Response(status_code=204)
    body = json.dumps(records, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, media_type="application/json; charset=utf-8")


def _days_in(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days
