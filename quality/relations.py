"""The tables as the audit sees them: what arrived, the candidate, and what was published before, each as a DuckDB view.

Nothing is copied: a view of bronze shows the newest reading of what came in during the last days before its newest
file, and the suites' queries aggregate before anything reaches pandas.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime as moment_of
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from extractors.catalog import TABLES
from extractors.lake import VINTAGE, BronzeTable

# What came in during so many days before a table's newest file is judged again: a bad delivery is not forgiven by the
# next one, unless that one holds the same rows mended.
ARRIVAL_WINDOW = timedelta(days=7)
MEMORY_LIMIT = "2GB"
_STAMP = re.compile(r"(\d{8}T\d{12})Z\.parquet$")
_PARTITION = pa.schema([("year", pa.int32()), ("month", pa.int32()), ("day", pa.int32())])
_NUMBER = "create macro number(text) as try_cast(replace(trim(text), ',', '.') as double)"


def connect() -> duckdb.DuckDBPyConnection:
    """An in-memory database that spills instead of growing."""
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "threads": min(2, os.cpu_count() or 1)})
    connection.execute("set enable_progress_bar = false; set timezone = 'UTC'")
    for schema in ("bronze", "candidate", "published"):
        connection.execute(f"create schema {schema}")
    connection.execute(_NUMBER)
    return connection


def show_bronze(connection: duckdb.DuckDBPyConnection, lake_root: str) -> dict[str, list[str]]:
    """Make `bronze.<source>_<table>` for every bronze table.

    Returns:
        Columns of the newest file of each table (`source/table`), those of the lake left out.
    """
    files, root = (
        pafs.FileSystem.from_uri(lake_root) if "://" in lake_root else (pafs.LocalFileSystem(), str(Path(lake_root)))
    )
    return {table.name: _show_arrived(connection, files, root.rstrip("/"), table) for table in TABLES}


def _show_arrived(
    connection: duckdb.DuckDBPyConnection, files: pafs.FileSystem, root: str, table: BronzeTable
) -> list[str]:
    folder = f"{root}/bronze/{table.source}/{table.table}"
    selector = pafs.FileSelector(folder, recursive=True, allow_not_found=True)
    moments = {
        info.path: moment_of.strptime(stamp.group(1), "%Y%m%dT%H%M%S%f")  # noqa: DTZ007 - UTC, as all names of files
        for info in files.get_file_info(selector)
        if VINTAGE.search(info.path) and (stamp := _STAMP.search(info.path))
    }
    newest = max(moments.values(), default=None)
    paths = sorted(path for path, moment in moments.items() if newest and moment > newest - ARRIVAL_WINDOW)
    schema = table.empty_schema()
    columns = [name for name in schema.names if not name.startswith("_")]
    if newest is not None:
        last = pq.read_schema(max(moments, key=lambda path: (moments[path], path)), filesystem=files)
        columns = [name for name in last.names if not name.startswith("_")]
        schema = pa.unify_schemas([schema, last.remove_metadata()], promote_options="permissive")
    name = table.name.replace("/", "_")
    dataset = ds.dataset(
        paths,
        schema=pa.unify_schemas([schema, _PARTITION]),
        filesystem=files,
        format="parquet",
        partitioning=ds.partitioning(_PARTITION, flavor="hive"),
        partition_base_dir=folder,
    )
    connection.register(f"files_{name}", dataset)
    shown = f'from "files_{name}" {_newest_reading(table, schema, len({moments[path] for path in paths}))}'
    connection.execute(f'create view bronze."{name}" as select * exclude (year, month, day) {shown}')
    return columns


def _newest_reading(table: BronzeTable, schema: pa.Schema, readings: int) -> str:
    """The condition that leaves out what a later reading replaced; what stands twice in one reading stays twice."""
    present = "not coalesce(_is_deleted, false)" if "_is_deleted" in schema.names else "true"
    if readings < 2:
        return f"where {present}"
    replaced_by = {
        "snapshot": "_dataset_id",
        "register": "_dataset_id",
        "changes": ", ".join(f'"{column}"' for column in table.key),
        "month": "_dataset_id, year, month",
        "year": "_dataset_id, year",
    }[table.kind]
    return f"qualify _extracted_at = max(_extracted_at) over (partition by {replaced_by}) and {present}"


def show_gold(
    connection: duckdb.DuckDBPyConnection, candidate: Path, published: Mapping[str, str]
) -> dict[str, list[str]]:
    """Make `candidate.<mart>` and `published.<mart>`; a mart that was never published is empty there.

    Args:
        connection: Where.
        candidate: Folder with `<mart>/part-0.parquet`.
        published: Mart to the address of its published file.

    Returns:
        Columns of each mart of the candidate.
    """
    columns = {}
    for file in sorted(candidate.glob("*/part-0.parquet")):
        name = file.parent.name
        connection.execute(f"create view candidate.\"{name}\" as from read_parquet('{_quoted(str(file))}')")
        columns[name] = list(pq.read_schema(file).names)
        if name in published:
            _show_published(connection, name, published[name], columns[name])
        else:
            connection.execute(f'create view published."{name}" as from candidate."{name}" where false')
    return columns


def _show_published(connection: duckdb.DuckDBPyConnection, name: str, address: str, columns: list[str]) -> None:
    """Show a published mart with the columns of the candidate; one that it did not have yet is NULL."""
    source = _file(connection, name, address)
    had = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    listed = ", ".join(f'"{column}"' if column in had else f'null as "{column}"' for column in columns)
    connection.execute(f'create view published."{name}" as from (from {source} select {listed})')


def show_file(connection: duckdb.DuckDBPyConnection, name: str, address: str) -> None:
    """Make `published.<name>` of one published file."""
    connection.execute(f'create view published."{name}" as from {_file(connection, name, address)}')


def _file(connection: duckdb.DuckDBPyConnection, name: str, address: str) -> str:
    """The file in SQL; one on S3 is read by Arrow, which needs no extension of DuckDB."""
    if "://" not in address:
        return f"read_parquet('{_quoted(address)}')"
    files, path = pafs.FileSystem.from_uri(address)
    connection.register(f"published_{name}", ds.dataset(path, filesystem=files, format="parquet"))
    return f'"published_{name}"'


def _quoted(text: str) -> str:
    return text.replace("'", "''")
