"""ANATEL: licensed stations of the mobile service, mobile accesses, and the panel's counts of stations.

Stations (one row per carrier, not per site): two layouts hold the same facts, the licensing export of a municipality
(40 columns, comma or `|`, often latin-1) and the national file inside `estacoes_smp.zip` (41 columns, `;`, UTF-8 with
a BOM, close to a gigabyte). The national file's headings are mapped to those of the export.

Accesses (subscriptions by municipality, operator, technology, person and product): an archive of about three
gigabytes with one member per half-year. Of it only the wanted half-years are transferred, and of these only the ones
whose bytes changed since they were landed; members of other names hold other shapes (totals, densities, the years
before 2019 by state) and are left alone.

Counts: an export of the panel, a row per municipality and operator. It does not say its month: the file's name must.

Values stay as sent. Files are read as a stream several times (encoding, dates, rows), because that costs seconds and
a gigabyte of memory costs more.
"""

from __future__ import annotations

import logging
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc

from extractors.http import FeedContractError, HttpClient
from extractors.lake import Batch, BronzeTable, Lake, Landing, conform, optional
from extractors.large_csv import BROKEN_ARCHIVE, LARGEST_MEMBER_BYTES, LargeCsv, Opener, file_opener, look_through
from extractors.remote_file import open_remote
from extractors.settings import Settings, Window
from extractors.text import LOOK_AT_IT, plausible_date

logger = logging.getLogger(__name__)

REQUIRED = ["NomeEntidade", "NumEstacao", "SiglaUf", "CodMunicipio", "Tecnologia", "DataLicenciamento"]
EXPORT_COLUMNS = [
    "Status.state",
    "NomeEntidade",
    "NumFistel",
    "NumServico",
    "NumAto",
    "NumEstacao",
    "EnderecoEstacao",
    "EndComplemento",
    "SiglaUf",
    "CodMunicipio",
    "DesignacaoEmissao",
    "Tecnologia",
    "tipoTecnologia",
    "meioAcesso",
    "FreqTxMHz",
    "FreqRxMHz",
    "Azimute",
    "CodTipoClasseEstacao",
    "ClassInfraFisica",
    "CompartilhamentoInfraFisica",
    "CodTipoAntena",
    "CodEquipamentoAntena",
    "GanhoAntena",
    "FrenteCostaAntena",
    "AnguloMeiaPotenciaAntena",
    "AnguloElevacao",
    "Polarizacao",
    "AlturaAntena",
    "CodEquipamentoTransmissor",
    "PotenciaTransmissorWatts",
    "Latitude",
    "Longitude",
    "CodDebitoTFI",
    "DataLicenciamento",
    "DataPrimeiroLicenciamento",
    "NumRede",
    "_id",
    "DataValidade",
    "NumFistelAssociado",
    "NomeEntidadeAssociado",
]
# Headings of the national file that mean the same as a column of the export. Its own `Latitude` is in degrees,
# minutes and seconds, so it must step aside for the decimal one.
NATIONAL_HEADINGS = {
    "Número Estação": "NumEstacao",
    "Número Fistel": "NumFistel",
    "Número Ato": "NumAto",
    "Entidade": "NomeEntidade",
    "UF": "SiglaUf",
    "Código IBGE": "CodMunicipio",
    "Designação Emissão": "DesignacaoEmissao",
    "Tipo de Tecnologia 5G": "tipoTecnologia",
    "Latitude decimal": "Latitude",
    "Longitude decimal": "Longitude",
    "Latitude": "Latitude GMS",
    "Longitude": "Longitude GMS",
    "Data Licenciamento": "DataLicenciamento",
    "Data Primeiro Licenciamento": "DataPrimeiroLicenciamento",
    "Data Validade": "DataValidade",
}

SMP_STATIONS = BronzeTable(
    source="anatel",
    table="smp_stations",
    schema=pa.schema([pa.field(name, pa.string()) if name in REQUIRED else optional(name) for name in EXPORT_COLUMNS]),
    kind="register",
    # A carrier has no number of its own; a row is told by all of its columns.
    key=tuple(EXPORT_COLUMNS),
)
MOBILE_ACCESSES = BronzeTable(
    source="anatel",
    table="mobile_accesses",
    schema=pa.schema(
        [
            *(pa.field(name, pa.string()) for name in ("Ano", "Mês")),
            optional("Grupo Econômico"),
            pa.field("Empresa", pa.string()),
            *(optional(name) for name in ("CNPJ", "Porte da Prestadora")),
            pa.field("UF", pa.string()),
            optional("Município"),
            pa.field("Código IBGE Município", pa.string()),
            *(optional(name) for name in ("Código Nacional", "Modalidade de Cobrança")),
            *(pa.field(name, pa.string()) for name in ("Tecnologia", "Tecnologia Geração")),
            *(optional(name) for name in ("Tipo de Pessoa", "Tipo de Produto")),
            pa.field("Acessos", pa.string()),
        ]
    ),
    kind="month",
    key=(
        *("Ano", "Mês", "Empresa", "CNPJ", "UF", "Código IBGE Município", "Código Nacional"),
        *("Modalidade de Cobrança", "Tecnologia", "Tecnologia Geração", "Tipo de Pessoa", "Tipo de Produto"),
    ),
)
STATION_COUNTS = BronzeTable(
    source="anatel",
    table="station_counts",
    schema=pa.schema(
        [
            optional("UF"),
            pa.field("COD_IBGE", pa.string()),
            optional("COD_AREA"),
            optional("CIDADE"),
            *(pa.field(name, pa.string()) for name in ("PRESTADORA", "TCN_2G", "TCN_3G", "TCN_4G", "TCN_5G")),
        ]
    ),
    kind="month",
    key=("COD_IBGE", "COD_AREA", "PRESTADORA"),
)
TABLES = (SMP_STATIONS, MOBILE_ACCESSES, STATION_COUNTS)
NATIONAL_DATASET_ID = "estacoes_smp"
NATIONAL_FILE = "outorga_e_licenciamento/estacoes_smp.zip"
COUNTS_DATASET_ID = "erbs_por_municipio"
ACCESSES_FILE = "acessos/acessos_telefonia_movel.zip"
ACCESSES_MEMBER = re.compile(r"Acessos_Telefonia_Movel_(?P<year>\d{4})_(?P<half>[12])S\.csv", re.IGNORECASE)
# Rows whose state is blank are landed apart, never dropped.
NO_STATE = "sem-UF"

MONTH_IN_NAME = re.compile(r"(?P<year>20\d{2})[-_]?(?P<month>0[1-9]|1[0-2])(?!\d)")
LICENSED_ON = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[ T].*)?"),
    re.compile(r"(?P<day>\d{2})/(?P<month>\d{2})/(?P<year>\d{4})(?: .*)?"),
)
YEAR_AND_MONTH = re.compile(r"\s*(?P<year>20\d{2})\s*-\s*0*(?P<month>[1-9]|1[0-2])\s*")


@dataclass(frozen=True)
class Export:
    """A file that has been looked through and can be read as a stream.

    Attributes:
        table: The bronze table that it fills.
        dataset_id: The dataset of a file that is one dataset; empty where `batches` tells it row by row.
        rows: Number of rows.
        month: First day of the last month that the rows are about.
        tables: Gives the rows anew each time it is called, in tables of some ten thousand rows.
        batches: Gives the rows anew as batches; takes the address that is kept in every row.
    """

    table: BronzeTable
    dataset_id: str
    rows: int
    month: date
    tables: Callable[[], Iterator[pa.Table]]
    batches: Callable[[str], Iterator[Batch]]


def read_export(path: Path, *, window: str) -> Export:
    """Look through a licensing export, plain or as the one CSV inside a ZIP.

    Args:
        path: The file.
        window: What it is, for messages.

    Raises:
        FeedContractError: It is no such export, or any row of it does not fit its header.
    """
    broken = _broken(SMP_STATIONS, window, path)
    try:
        opener = _station_opener(path)
    except BROKEN_ARCHIVE as error:
        raise broken(f"a file that cannot be unpacked ({error})") from None
    return _stations(look_through(opener, broken))


def read_accesses(path: Path, *, window: str, states: Sequence[str] = ()) -> Export:
    """Look through the accesses of one half-year.

    Args:
        path: The CSV.
        window: What it is, for messages.
        states: Two-letter codes of the states to keep; all by default.

    Raises:
        FeedContractError: It is no such file, or any row of it does not fit its header or names no month.
    """
    return _accesses(look_through(file_opener(path), _broken(MOBILE_ACCESSES, window, path)), states)


def read_file(path: Path) -> Export:
    """Look through a file that a person downloaded; its header tells which of the layouts it is.

    Raises:
        FeedContractError: It is none of them.
    """
    broken = _broken(SMP_STATIONS, path.name, path)
    try:
        opener = _station_opener(path)
    except BROKEN_ARCHIVE as error:
        raise broken(f"a file that cannot be unpacked ({error})") from None
    found = look_through(opener, broken)
    if "Acessos" in found.headings:
        return _accesses(_of(found, MOBILE_ACCESSES, path), ())
    if "TCN_5G" in found.headings:
        return _counts(_of(found, STATION_COUNTS, path), path)
    return _stations(found)


def accesses_members(archive: zipfile.ZipFile) -> dict[zipfile.ZipInfo, date]:
    """Return the half-years in an archive of accesses with the first day of each, newest first."""
    found = {}
    for info in archive.infolist():
        match = ACCESSES_MEMBER.fullmatch(Path(info.filename).name)
        if match is not None and not info.is_dir():
            found[info] = date(int(match["year"]), 1 if match["half"] == "1" else 7, 1)
    return dict(sorted(found.items(), key=lambda member: member[1], reverse=True))


def is_accesses_archive(path: Path) -> bool:
    """Whether a file is a ZIP with at least one half-year of accesses."""
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(accesses_members(archive))
    except BROKEN_ARCHIVE:
        return False


def land_accesses_archive(
    archive: zipfile.ZipFile,
    members: Sequence[zipfile.ZipInfo],
    lake: Lake,
    *,
    run_id: str,
    folder: Path,
    source_uri: str,
    states: Sequence[str] = (),
    window: Window | None = None,
    landed: Callable[[zipfile.ZipInfo], None] = lambda _: None,
) -> Landing:
    """Land half-years one after the other, each unpacked to disk for as long as it is read.

    Args:
        archive: Where they are.
        members: Which ones.
        lake: Where to land.
        run_id: Kept in every row.
        folder: Holds one unpacked member (about two gigabytes) at a time.
        source_uri: Address of the archive; the member's name is added.
        states: Two-letter codes of the states to keep; all by default.
        window: Months to land; all by default.
        landed: Called after each member that was landed whole.

    Raises:
        FeedContractError: A member is damaged or of another shape; the ones before it have landed.
        FeedUnavailable: The archive is read over HTTP and stopped answering.
    """
    total = Landing(MOBILE_ACCESSES)

    def damaged(name: str, error: Exception) -> FeedContractError:
        return FeedContractError(
            MOBILE_ACCESSES.name,
            name,
            f"a member that cannot be unpacked ({error})",
            "run again; if it stays, the source published a damaged archive",
            payload=Path(archive.filename) if archive.filename else None,
            name=Path(source_uri).name,
        )

    if archive.filename:
        # No checksum covers the names in the directory, and a half-year whose name is damaged there would look like
        # another shape: each is compared with the one at the member itself.
        for info in archive.infolist():
            try:
                archive.open(info).close()
            except BROKEN_ARCHIVE as error:
                raise damaged(info.filename, error) from None
    for info in members:
        name = Path(info.filename).name
        path = folder / name
        try:
            with archive.open(info) as packed, path.open("wb") as out:
                _copy(packed, out, info)
        except BROKEN_ARCHIVE as error:
            raise damaged(name, error) from None
        export = read_accesses(path, window=name, states=states)
        batches = export.batches(f"{source_uri}#{name}")
        wanted = (batch for batch in batches if window is None or window.holds(batch.day))
        total.add(lake.land(MOBILE_ACCESSES, wanted, run_id=run_id))
        path.unlink()
        if window is None:
            landed(info)
    return total


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land what the source has that is not landed yet: the national stations, or half-years of accesses."""
    if table is STATION_COUNTS:
        # The panel exports them by hand only: they come by `nova land anatel`.
        return Landing(table)
    with HttpClient(deadline_seconds=3600.0) as client:
        step = _extract_accesses if table is MOBILE_ACCESSES else _extract_stations
        return step(client, settings, lake, run_id, folder)


def _extract_stations(client: HttpClient, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land the national file, unless the source says that it is the one that has landed.

    The source shows one file, of its latest month: of a window it is landed if it is about one of its months.
    """
    url = f"{settings.need('ANATEL_BASE_URL')}/{NATIONAL_FILE}"
    path = folder / Path(NATIONAL_FILE).name
    seen = lake.seen(SMP_STATIONS) if settings.window is None else {}
    reply = client.download(
        url, path, feed=SMP_STATIONS.name, window=NATIONAL_DATASET_ID, known=seen.get(NATIONAL_FILE, "")
    )
    if reply.status == 304:
        return Landing(SMP_STATIONS)
    export = read_export(path, window=NATIONAL_DATASET_ID)
    if settings.window and not settings.window.holds(export.month):
        remark = f"the source shows {export.month:%Y-%m} now, none of {settings.window}: nothing to read again"
        return Landing(SMP_STATIONS, remarks=[remark])
    landing = lake.land(SMP_STATIONS, _batches(export, NATIONAL_DATASET_ID, reply.url), run_id=run_id)
    if reply.validator:
        lake.note_seen(SMP_STATIONS, {NATIONAL_FILE: reply.validator})
    return landing


def _extract_accesses(client: HttpClient, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land the half-years since the beginning of history whose bytes, or the states wanted of them, are new.

    Of a window its months are landed, whether or not they were landed before.
    """
    url = f"{settings.need('ANATEL_BASE_URL')}/{ACCESSES_FILE}"
    feed, window = MOBILE_ACCESSES.name, Path(ACCESSES_FILE).name
    remote = open_remote(client, url, feed=feed, window=window)
    path = folder / window
    if remote is None:
        client.download(url, path, feed=feed, window=window)
    broken = _broken(MOBILE_ACCESSES, window, path if remote is None else remote.tail)
    try:
        archive = zipfile.ZipFile(path if remote is None else remote)
    except BROKEN_ARCHIVE as error:
        raise broken(f"an archive that cannot be opened ({error})") from None
    with archive:
        members = accesses_members(archive)
        if not members:
            names = [info.filename for info in archive.infolist()]
            raise broken(f"no half-year of accesses among the {len(names)} members {names[:8]}")
        states = settings.anatel_states
        marks = {info: f"{info.CRC:08x} {info.file_size} {','.join(sorted(states))}" for info in members}
        seen = lake.seen(MOBILE_ACCESSES)
        first = settings.history_from.replace(month=1 if settings.history_from.month <= 6 else 7, day=1)
        wanted = [
            info
            for info, start in members.items()
            if (_half_year_meets(start, settings.window) if settings.window else start >= first)
            and (settings.window or seen.get(info.filename) != marks[info])
        ]
        logger.info(
            "%s: %d of %d members are half-years, %d of them wanted",
            feed,
            len(members),
            len(archive.infolist()),
            len(wanted),
        )
        return land_accesses_archive(
            archive,
            wanted,
            lake,
            run_id=run_id,
            folder=folder,
            source_uri=url,
            states=states,
            window=settings.window,
            landed=lambda info: lake.note_seen(MOBILE_ACCESSES, {info.filename: marks[info]}),
        )


def _half_year_meets(start: date, window: Window) -> bool:
    """Whether a half-year that begins on a day has a month that begins in the window."""
    return any(window.holds(start.replace(month=start.month + months)) for months in range(6))


def _stations(found: LargeCsv) -> Export:
    columns = _mapped(found.headings)
    _require(SMP_STATIONS, found, columns)
    rows, latest, municipalities = 0, date.min, set()
    for table in found.tables(columns, ["DataLicenciamento", "CodMunicipio"]):
        rows += table.num_rows
        municipalities.update(table.column("CodMunicipio").unique().to_pylist())
        days = [_licensed_on(text) for text in table.column("DataLicenciamento").unique().to_pylist()]
        latest = max([latest, *(day for day in days if day is not None)])
    if latest == date.min:
        raise found.broken(f"no readable DataLicenciamento in {rows} rows")
    codes = municipalities - {""}
    # A municipal export is the dataset of its municipality, anything wider the national one.
    dataset_id = f"licenciamento.{next(iter(codes))}" if len(codes) == 1 else NATIONAL_DATASET_ID
    month = latest.replace(day=1)

    def tables() -> Iterator[pa.Table]:
        return found.tables(columns)

    def batches(source_uri: str) -> Iterator[Batch]:
        return (Batch(dataset_id, month, table, source_uri) for table in tables())

    return Export(SMP_STATIONS, dataset_id, rows, month, tables, batches)


def _batches(export: Export, dataset_id: str, source_uri: str) -> Iterator[Batch]:
    return (Batch(dataset_id, export.month, table, source_uri) for table in export.tables())


def _accesses(found: LargeCsv, states: Sequence[str]) -> Export:
    _require(MOBILE_ACCESSES, found, found.headings)
    rows, months, seen_states = 0, set(), set()
    for table in found.tables(wanted=["Ano", "Mês", "UF"]):
        rows += table.num_rows
        months.update(_month_texts(table).unique().to_pylist())
        seen_states.update(_states(table).unique().to_pylist())
    days = {text: _month(text) for text in months}
    unreadable = sorted(text for text, day in days.items() if day is None)
    if unreadable or not rows:
        raise found.broken(f"rows of the months {unreadable[:5]}" if unreadable else "a header without any row")
    if not set(states) <= seen_states:
        raise found.broken(f"no row of the states {sorted(set(states) - seen_states)} (ANATEL_UFS) in {rows} rows")
    known = {text: day for text, day in days.items() if day is not None}

    def batches(source_uri: str) -> Iterator[Batch]:
        for table in found.tables():
            kept = table.append_column("_state", _states(table)).append_column("_month", _month_texts(table))
            if states:
                kept = kept.filter(pc.is_in(kept.column("_state"), pa.array(sorted(states))))
            for part in kept.group_by(["_month", "_state"]).aggregate([]).to_pylist():
                is_part = pc.and_(
                    pc.equal(kept.column("_month"), part["_month"]), pc.equal(kept.column("_state"), part["_state"])
                )
                own = kept.filter(is_part).drop_columns(["_state", "_month"])
                yield Batch(part["_state"] or NO_STATE, known[part["_month"]], own, source_uri)

    return Export(MOBILE_ACCESSES, "", rows, max(known.values()), found.tables, batches)


def _counts(found: LargeCsv, path: Path) -> Export:
    _require(STATION_COUNTS, found, found.headings)
    match = MONTH_IN_NAME.search(path.name)
    if match is None:
        raise FeedContractError(
            STATION_COUNTS.name,
            path.name,
            "counts of stations without the month in the file's name, and the file does not tell it",
            "put the month that it was downloaded for into the name, for example erbs_2025-04.csv",
            payload=path,
            name=path.name,
        )
    month = date(int(match["year"]), int(match["month"]), 1)
    rows = sum(table.num_rows for table in found.tables())
    if not rows:
        raise found.broken("a header without any row")

    def batches(source_uri: str) -> Iterator[Batch]:
        return (Batch(COUNTS_DATASET_ID, month, table, source_uri) for table in found.tables())

    return Export(STATION_COUNTS, COUNTS_DATASET_ID, rows, month, found.tables, batches)


def _require(table: BronzeTable, found: LargeCsv, columns: list[str]) -> None:
    """Refuse a header without the columns of the contract."""
    if len(set(columns)) < len(columns):
        raise found.broken(f"a header that repeats a column: {found.headings}")
    try:
        conform(table, pa.table({name: pa.nulls(0) for name in columns}), window="")
    except FeedContractError as error:
        raise found.broken(error.seen) from None


def _broken(table: BronzeTable, window: str, payload: Path | bytes) -> Callable[[str], FeedContractError]:
    name = payload.name if isinstance(payload, Path) else window

    def broken(seen: str) -> FeedContractError:
        return FeedContractError(table.name, window, seen, LOOK_AT_IT, payload=payload, name=name)

    return broken


def _of(found: LargeCsv, table: BronzeTable, path: Path) -> LargeCsv:
    """Return the same file, its errors being those of another table."""
    return replace(found, broken=_broken(table, path.name, path))


def _copy(packed: IO[bytes], out: IO[bytes], info: zipfile.ZipInfo) -> None:
    if info.file_size > LARGEST_MEMBER_BYTES:
        raise zipfile.BadZipFile(f"{info.filename} unpacks to {info.file_size} bytes")
    shutil.copyfileobj(packed, out, 1 << 20)


def _station_opener(path: Path) -> Opener:
    """Return what opens the CSV, whether the file is the CSV or a ZIP around it."""
    if not zipfile.is_zipfile(path):
        return file_opener(path)
    archive = zipfile.ZipFile(path)
    members = [info for info in archive.infolist() if not info.is_dir() and info.filename.lower().endswith(".csv")]
    named = [info for info in members if NATIONAL_DATASET_ID in Path(info.filename).name.lower()]
    if len(named or members) != 1:
        raise zipfile.BadZipFile(f"{len(members)} CSV members: {[info.filename for info in members][:5]}")
    member = (named or members)[0]
    if member.file_size > LARGEST_MEMBER_BYTES:
        raise zipfile.BadZipFile(f"{member.filename} unpacks to {member.file_size} bytes")
    return lambda: archive.open(member)


def _mapped(headings: list[str]) -> list[str]:
    if "Número Estação" not in headings:
        return headings
    return [NATIONAL_HEADINGS.get(heading, heading) for heading in headings]


def _states(table: pa.Table) -> pa.ChunkedArray:
    return pc.utf8_upper(pc.utf8_trim_whitespace(table.column("UF")))


def _month_texts(table: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(table.column("Ano"), table.column("Mês"), "-")


def _month(text: str) -> date | None:
    match = YEAR_AND_MONTH.fullmatch(text)
    return date(int(match["year"]), int(match["month"]), 1) if match else None


@lru_cache(maxsize=1 << 16)
def _licensed_on(text: str) -> date | None:
    return next((day for day in (plausible_date(text, pattern) for pattern in LICENSED_ON) if day), None)
