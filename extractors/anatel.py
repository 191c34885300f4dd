"""ANATEL: licensed stations of the mobile service, one row per carrier.

Two layouts hold the same facts: the licensing export of a municipality (40 columns, comma or `|`, often
latin-1) and the national file inside `estacoes_smp.zip` (41 columns, `;`, UTF-8 with a BOM, close to a gigabyte).
The national file's headings are mapped to those of the export; values stay as sent. Files are read as a stream
several times (encoding, dates, rows), because that costs seconds and a gigabyte of memory costs more.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv as pacsv

from extractors.http import FeedContractError, HttpClient, refusal
from extractors.lake import Batch, BronzeTable, Lake, Landing, conform, optional
from extractors.settings import Settings
from extractors.text import LOOK_AT_IT, plausible_date

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
    kind="month",
    # A carrier has no number of its own; a row is told by all of its columns.
    key=tuple(EXPORT_COLUMNS),
)
NATIONAL_DATASET_ID = "estacoes_smp"
NATIONAL_FILE = "outorga_e_licenciamento/estacoes_smp.zip"

DELIMITERS = ";,|"
BLOCK_BYTES = 4 << 20
HEAD_BYTES = 1 << 16
LARGEST_MEMBER_BYTES = 16 << 30
LICENSED_ON = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[ T].*)?"),
    re.compile(r"(?P<day>\d{2})/(?P<month>\d{2})/(?P<year>\d{4})(?: .*)?"),
)
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class Export:
    """A licensing export that has been looked through once and can be read as a stream.

    Attributes:
        month: First day of the month of the latest licence in it.
        municipalities: Distinct municipality codes.
        rows: Number of rows.
        tables: Gives the rows anew each time it is called, in tables of some ten thousand rows.
    """

    month: date
    municipalities: frozenset[str]
    rows: int
    tables: Callable[[], Iterator[pa.Table]]

    @property
    def dataset_id(self) -> str:
        """Return the dataset: the municipality of a municipal export, else the national file."""
        if len(self.municipalities) == 1:
            return f"licenciamento.{next(iter(self.municipalities))}"
        return NATIONAL_DATASET_ID


def read_export(path: Path, *, window: str) -> Export:
    """Look through a licensing export, plain or as the one CSV inside a ZIP.

    Args:
        path: The file.
        window: What it is, for messages.

    Raises:
        FeedContractError: It is no such export, or any row of it does not fit its header.
    """
    feed = SMP_STATIONS.name

    def broken(seen: str) -> FeedContractError:
        return FeedContractError(feed, window, seen, LOOK_AT_IT, payload=path, name=path.name)

    try:
        opener = _opener(path)
        encoding, lines, head = _look_through(opener)
    except BROKEN_ARCHIVE as error:
        raise broken(f"a file that cannot be unpacked ({error})") from None
    reason = refusal(head)
    if reason is not None:
        raise broken(reason)
    delimiter, headings = _header(head, encoding)
    columns = _mapped(headings)
    try:
        conform(SMP_STATIONS, pa.table({name: pa.nulls(0) for name in columns}), window=window)
    except FeedContractError as error:
        raise broken(error.seen) from None
    if len(set(columns)) < len(columns):
        raise broken(f"a header that repeats a column: {headings}")

    def tables(wanted: list[str]) -> Iterator[pa.Table]:
        try:
            with opener() as source, _csv_reader(source, encoding, delimiter, columns, wanted) as reader:
                for batch in reader:
                    yield pa.Table.from_batches([batch])
        except (pa.ArrowException, UnicodeError, *BROKEN_ARCHIVE) as error:
            raise broken(f"a row that does not fit the header of {len(columns)} columns ({error})") from None

    rows, latest, municipalities = 0, date.min, set()
    for table in tables(["DataLicenciamento", "CodMunicipio"]):
        rows += table.num_rows
        municipalities.update(table.column("CodMunicipio").unique().to_pylist())
        days = [_licensed_on(text) for text in table.column("DataLicenciamento").unique().to_pylist()]
        latest = max([latest, *(day for day in days if day is not None)])
    if rows != lines - 1:
        # A stray quotation mark swallows the lines up to the next one without any other symptom.
        raise broken(f"{rows} rows in {lines - 1} lines: quotation marks that span lines")
    if latest == date.min:
        raise broken(f"no readable DataLicenciamento in {rows} rows")
    return Export(latest.replace(day=1), frozenset(municipalities - {""}), rows, lambda: tables(columns))


def export_batches(export: Export, dataset_id: str, source_uri: str) -> Iterator[Batch]:
    """Stream an export as batches of one dataset and month."""
    for table in export.tables():
        yield Batch(dataset_id, export.month, table, source_uri)


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Download the national file into the folder and land it as a stream."""
    url = f"{settings.need('ANATEL_BASE_URL')}/{NATIONAL_FILE}"
    path = folder / Path(NATIONAL_FILE).name
    with HttpClient(deadline_seconds=3600.0) as client:
        reply = client.download(url, path, feed=table.name, window=NATIONAL_DATASET_ID)
    export = read_export(path, window=NATIONAL_DATASET_ID)
    return lake.land(table, export_batches(export, NATIONAL_DATASET_ID, reply.url), run_id=run_id)


def _opener(path: Path) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    """Return what opens the CSV, whether the file is the CSV or a ZIP around it."""
    if not zipfile.is_zipfile(path):
        return lambda: path.open("rb")
    archive = zipfile.ZipFile(path)
    members = [info for info in archive.infolist() if not info.is_dir() and info.filename.lower().endswith(".csv")]
    named = [info for info in members if NATIONAL_DATASET_ID in Path(info.filename).name.lower()]
    if len(named or members) != 1:
        raise zipfile.BadZipFile(f"{len(members)} CSV members: {[info.filename for info in members][:5]}")
    member = (named or members)[0]
    if member.file_size > LARGEST_MEMBER_BYTES:
        raise zipfile.BadZipFile(f"{member.filename} unpacks to {member.file_size} bytes")
    return lambda: archive.open(member)


def _look_through(opener: Callable[[], AbstractContextManager[IO[bytes]]]) -> tuple[str, int, bytes]:
    """Return the encoding, the number of lines that are not blank, and the first bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, lines, head = "utf8", 0, b""
    with opener() as source:
        head = source.read(HEAD_BYTES)
    with opener() as source:
        for line in source:
            lines += bool(line.strip(b"\r\n"))
            if encoding == "utf8":
                try:
                    decoder.decode(line)
                except UnicodeDecodeError:
                    encoding = "latin-1"
    if encoding == "utf8":
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            encoding = "latin-1"
    return encoding, lines, head


def _header(head: bytes, encoding: str) -> tuple[str, list[str]]:
    line = head.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].decode(encoding, errors="replace").rstrip("\r")
    delimiter = max(DELIMITERS, key=line.count)
    try:
        return delimiter, next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return delimiter, []


def _mapped(headings: list[str]) -> list[str]:
    if "Número Estação" not in headings:
        return headings
    return [NATIONAL_HEADINGS.get(heading, heading) for heading in headings]


def _csv_reader(
    source: IO[bytes], encoding: str, delimiter: str, columns: list[str], wanted: list[str]
) -> pacsv.CSVStreamingReader:
    return pacsv.open_csv(
        source,
        read_options=pacsv.ReadOptions(
            encoding=encoding, column_names=columns, skip_rows=1, block_size=BLOCK_BYTES, use_threads=True
        ),
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            include_columns=wanted,
            strings_can_be_null=False,
        ),
    )


def _licensed_on(text: str) -> date | None:
    return next((day for day in (plausible_date(text, pattern) for pattern in LICENSED_ON) if day), None)
