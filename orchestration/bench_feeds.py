"""Measure the landing of large feeds against what moves the same bytes without looking at them.

Each landing runs in a process of its own, so that its peak memory is its own; the yardsticks (`COPY … TO STDOUT`, `cp`)
run right beside it, because a shared machine is as fast as its neighbours let it be.
"""

from __future__ import annotations

import multiprocessing
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import psycopg

from extractors.catalog import TABLES, extract
from extractors.lake import Lake
from extractors.landing import land_files
from extractors.settings import Settings
from orchestration.platform import CHECKOUT
from simulator.postgres import Cluster, create_database, grant_reading

ITEMS, TOWERS, LOCATIONS = 2_000, 18_000, 12
FIRST_DAY, TODAY = date(2016, 1, 1), date(2026, 1, 1)
BYTES_OF_AN_ANATEL_ROW = 313
# The columns of ANATEL's national file, with a value for each that DuckDB computes from the row's number `n`.
ANATEL_COLUMNS = {
    "Número Fistel": "50400000000 + n % 97",
    "Número Estação": "430000000 + n // 12",
    "NumCnpjCpf": "'00000000000191'",
    "Tecnologia": "['GSM', 'WCDMA', 'LTE', 'NR'][n % 4 + 1]",
    "Tipo de Tecnologia 5G": "if(n % 4 = 3, 'SA-NSA', '')",
    "Geração": "['2G', '3G', '4G', '5G'][n % 4 + 1]",
    "Latitude": "'12S' || (580000 + n % 9999)",
    "Longitude": "'38W' || (280000 + n % 9999)",
    "Latitude decimal": "round(-12 - (n % 99991) / 1e5, 6)",
    "Longitude decimal": "round(-38 - (n % 99989) / 1e5, 6)",
    "Data Primeiro Licenciamento": "date '1999-01-04' + (n % 8000)::integer",
    "Data Licenciamento": "date '2015-01-05' + (n % 3900)::integer",
    "Entidade": "['TIM S A', 'TELEFÔNICA BRASIL S.A.', 'CLARO S.A.'][n % 3 + 1]",
    "Código IBGE": "1100000 + (n // 12) % 5570",
    "Município-UF": "'Porto Inventado ' || (n // 12) % 5570 || ' - BA'",
    "UF": "'BA'",
    "Designação Emissão": "['200KG7W', '5M00G9W', '20M0G7W', '100MG7W'][n % 4 + 1]",
    "Situacao": "'Licenciada'",
    "Número Ato": "90000000 + n % 100003",
    "Data Validade": "date '2026-01-05' + (n % 3650)::integer",
    "NumServico": "'010'",
    "EnderecoEstacao": "'Rua Fictícia ' || n % 9973",
    "EndComplemento": "''",
    "meioAcesso": "''",
    "FreqTxMHz": "['935', '2112.5', '1820', '3450'][n % 4 + 1]",
    "FreqRxMHz": "['890', '1922.5', '1725', '3450'][n % 4 + 1]",
    "Azimute": "(n % 3) * 120",
    "CodTipoClasseEstacao": "'FB'",
    "ClassInfraFisica": "['Greenfield', 'Rooftop', ''][n % 3 + 1]",
    "CompartilhamentoInfraFisica": "['não', 'sim', ''][n % 3 + 1]",
    "CodTipoAntena": "'760'",
    "CodEquipamentoAntena": "'064101600762'",
    "GanhoAntena": "17.5",
    "FrenteCostaAntena": "28",
    "AnguloMeiaPotenciaAntena": "65",
    "AnguloElevacao": "-(n % 9)",
    "Polarizacao": "'X'",
    "AlturaAntena": "25 + n % 40",
    "CodEquipamentoTransmissor": "'079372003257'",
    "PotenciaTransmissorWatts": "40",
    "CodDebitoTFI": "'G'",
}


@dataclass(frozen=True)
class FeedMeasurement:
    """One way of moving some rows.

    Attributes:
        what: What moved them.
        rows: How many.
        megabytes: Size of what was read, in MB of the text form.
        seconds: Wall time.
        peak_mb: Largest resident size of its process, in MB; None where it is another program's.
        stored_mb: Size of what was written to bronze, in MB; None for a yardstick.
    """

    what: str
    rows: int
    megabytes: float
    seconds: float
    peak_mb: float | None = None
    stored_mb: float | None = None


def measure_feeds(
    rows: int, megabytes: int, report: Callable[[FeedMeasurement], None], *, saying: Callable[[str], None]
) -> list[FeedMeasurement]:
    """Land requisitions from a PostgreSQL of its own and a file like ANATEL's register, beside their yardsticks.

    Args:
        rows: Requisition lines.
        megabytes: Size of the register.
        report: Called with each measurement as it is made.
        saying: Called with what is going on.

    Raises:
        RuntimeError: A landing failed.
    """
    measurements: list[FeedMeasurement] = []

    def add(measurement: FeedMeasurement) -> None:
        measurements.append(measurement)
        report(measurement)

    with tempfile.TemporaryDirectory(prefix="nova-bench-") as name:
        folder = Path(name)
        saying(f"making {rows:,} requisition lines in PostgreSQL …")
        with _requisitions(folder / "erp", rows) as dsn:
            text_mb = _copy_out(dsn, rows, add)
            seconds, peak, landed = _in_own_process(_land_requisitions, dsn, str(folder / "lake"))
            add(FeedMeasurement("requisitions to bronze", landed, text_mb, seconds, peak, _size(folder / "lake")))
            seconds, peak, new = _in_own_process(_land_requisitions, dsn, str(folder / "lake"))
            if new:
                raise RuntimeError(f"the second reading landed {new:,} rows of a table that did not change")
            add(FeedMeasurement("the same, read again unchanged", landed, text_mb, seconds, peak))
        saying(f"making a register of {megabytes:,} MB …")
        path = folder / "Estacoes_SMP.csv"
        stations = _write_register(path, megabytes)
        size = path.stat().st_size / 1e6
        started = time.monotonic()
        subprocess.run(["cp", path, folder / "copy.csv"], check=True)
        add(FeedMeasurement("`cp` of the register", stations, size, time.monotonic() - started))
        (folder / "copy.csv").unlink()
        seconds, peak, landed = _in_own_process(_land_register, str(path), str(folder / "lake2"))
        add(FeedMeasurement("register to bronze", landed, size, seconds, peak, _size(folder / "lake2")))
    return measurements


@contextmanager
def _requisitions(home: Path, rows: int) -> Iterator[str]:
    """A PostgreSQL that holds nothing but requisition lines; yields the address of its reading role."""
    cluster = Cluster(home)
    with cluster.running() as port:
        create_database(cluster, port)
        with cluster.connect(port) as connection:
            connection.execute((CHECKOUT / "simulator" / "schema.sql").read_bytes())
            connection.execute(
                """
                insert into erp.requisitions
                select
                    n, 'RQ' || n / 3, n %% 3 + 1, 'IT' || lpad((n * 7919 %% %(items)s)::text, 5, '0'),
                    'DR' || lpad((n %% %(locations)s)::text, 2, '0'),
                    'BA' || lpad((n * 104729 %% %(towers)s)::text, 5, '0'),
                    'OS' || n / 5, (1 + n %% 13)::numeric(14, 3), 'UN',
                    asked_at, asked_at::date + 5, done_at, 'fulfilled', asked_at, done_at
                from generate_series(1::bigint, %(rows)s::bigint) as n
                -- within the day as uneven as hours of work are, or storing differences would look better than it is
                cross join lateral (
                    select
                        %(first)s::timestamptz
                        + (n * %(step)s + hashint8(n) %% 43200) * interval '1 second' as asked_at
                ) as asked
                cross join lateral (
                    select asked_at + (86400 + hashint8(n + 7) %% 43200) * interval '1 second' as done_at
                ) as done
                """,
                {
                    "items": ITEMS,
                    "locations": LOCATIONS,
                    "towers": TOWERS,
                    "first": FIRST_DAY,
                    "step": (TODAY - FIRST_DAY).days * 86_400 / (rows + 1),
                    "rows": rows,
                },
            )
            connection.execute("alter table erp.requisitions add primary key (requisition_line_id)")
            connection.execute("create index on erp.requisitions (updated_at)")
            grant_reading(connection)
        with cluster.connect(port) as connection:
            connection.autocommit = True
            connection.execute("vacuum analyze erp.requisitions")
        yield cluster.reader_dsn(port)


def _copy_out(dsn: str, rows: int, add: Callable[[FeedMeasurement], None]) -> float:
    """Time PostgreSQL's own export and return its size in MB."""
    started, size = time.monotonic(), 0
    with (
        psycopg.connect(dsn) as connection,
        connection.cursor() as cursor,
        cursor.copy("copy erp.requisitions to stdout (format csv)") as copy,
    ):
        for piece in copy:
            size += len(piece)
    add(FeedMeasurement("`COPY erp.requisitions TO STDOUT`", rows, size / 1e6, time.monotonic() - started))
    return size / 1e6


def _land_requisitions(dsn: str, lake_root: str) -> int:
    table = next(table for table in TABLES if table.name == "erp/requisitions")
    settings = Settings.from_environment({"LAKE_ROOT": lake_root, "NOVA_TODAY": TODAY.isoformat(), "ERP_DSN": dsn})
    return extract(table, settings, Lake(lake_root), "bench").rows_landed


def _land_register(path: str, lake_root: str) -> int:
    return sum(landing.rows_landed for landing in land_files("anatel", [Path(path)], Lake(lake_root), "bench"))


def _write_register(path: Path, megabytes: int) -> int:
    rows = megabytes * 1_000_000 // BYTES_OF_AN_ANATEL_ROW
    columns = ", ".join(f'{value} as "{name}"' for name, value in ANATEL_COLUMNS.items())
    with duckdb.connect() as connection:
        numbers = connection.from_query("select range as n from range($rows)", params={"rows": rows})
        numbers.project(columns).write_csv(str(path), sep=";")
    return rows


def _in_own_process(work: Callable[..., int], *arguments: str) -> tuple[float, float, int]:
    """Run a landing in a new process; return its seconds, its peak memory in MB and its rows."""
    context = multiprocessing.get_context("spawn")
    mine, its = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(its, work, *arguments))
    process.start()
    its.close()
    try:
        seconds, peak, rows = mine.recv()
    except EOFError:
        raise RuntimeError(f"{work.__name__} failed; what it said stands above") from None
    finally:
        process.join()
    return float(seconds), float(peak), int(rows)


def _measured(out: Connection, work: Callable[..., int], *arguments: str) -> None:
    started = time.monotonic()
    rows = work(*arguments)
    seconds = time.monotonic() - started
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    out.send((seconds, int(found[1]) / 1024 if found else 0.0, rows))


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6
