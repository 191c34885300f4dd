"""The one writer of the bronze lake: every fetch of a feed is kept as a vintage.

A bronze file is `bronze/<source>/<table>/year=YYYY/month=MM/day=DD/<extracted_at>.parquet` and may hold several
datasets (stations, series). The footer of each file keeps the content hash and the row count of each dataset
in it, so deciding whether a fetch brought anything new reads footers only. Nothing is ever changed in place:
a file appears whole under its final name or not at all.

Nothing about a particular feed belongs here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, Literal, cast

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from extractors import registry
from extractors.http import FeedContractError

METADATA = pa.schema(
    [
        ("_source", pa.string()),
        ("_dataset_id", pa.string()),
        ("_extracted_at", pa.timestamp("us", tz="UTC")),
        ("_run_id", pa.string()),
        ("_source_uri", pa.string()),
        ("_content_hash", pa.string()),
        ("_schema_version", pa.int32()),
    ]
)
FOOTER_KEY = b"nova.datasets"
ROW_GROUP_ROWS = 131_072
# Above it the files hardly shrink and take longer.
ZSTD_LEVEL = 3
# Up to this size a staged partition stays in memory; a month feed opens one stage per month.
STAGE_MEMORY_BYTES = 2 << 20
STALE_TEMPORARY_SECONDS = 24 * 3600.0
CONTRACT_FILE = "year=1970/month=01/day=01/contract.parquet"
SEEN_FILE = "seen.json"
VINTAGE = re.compile(r"year=(\d{4})/month=(\d{2})/day=(\d{2})/\d{8}T\d{12}Z\.parquet$")
OPTIONAL_MARK = {"presence": "optional"}


def optional(name: str, kind: pa.DataType | None = None) -> pa.Field:
    """Return a contract column that a source may leave out; it is then landed as NULL."""
    return pa.field(name, kind or pa.string(), metadata=OPTIONAL_MARK)


@dataclass(frozen=True)
class BronzeTable:
    """The contract of one bronze table.

    Attributes:
        source: First folder and first part of the asset key.
        table: Second folder and second part of the asset key.
        schema: Columns of the source only; those made by `optional` may be absent from what is landed.
        kind: `snapshot` = the whole table as of the partition's day; `changes` = the rows that are new or
            changed on the day they were read; `register` = the whole table as of that month; `month`, `year` = rows
            about that month or year.
        key: Natural key of a row within a dataset.
        schema_version: Raised when the meaning of a column changes.
    """

    source: str
    table: str
    schema: pa.Schema
    kind: Literal["snapshot", "changes", "register", "month", "year"]
    key: tuple[str, ...]
    schema_version: int = 1

    @property
    def name(self) -> str:
        """Return `source/table`, the name used in messages."""
        return f"{self.source}/{self.table}"

    def partition_day(self, day: date) -> date:
        """Return the day that names the partition of rows about `day`."""
        if self.kind in ("register", "month"):
            return day.replace(day=1)
        if self.kind == "year":
            return day.replace(month=1, day=1)
        return day

    def empty_schema(self) -> pa.Schema:
        """Return the columns of a bronze file: those of the source, then the metadata."""
        columns = [pa.field(column.name, column.type) for column in self.schema]
        return pa.schema([*columns, *METADATA])


@dataclass(frozen=True)
class Batch:
    """Some rows of one dataset about one day, month or year.

    Several batches of one (partition, dataset) in one `Lake.land` make one vintage, so a large table is
    landed as a stream of batches.
    """

    dataset_id: str
    day: date
    rows: pa.Table
    source_uri: str


@dataclass
class Landing:
    """What one landing did.

    Attributes:
        table: Which table.
        rows_read: Rows that were offered to the lake.
        rows_landed: Rows written.
        rows_unchanged: Rows of datasets that equal their newest vintage.
        rows_deleted: Rows written to say that they are gone from the source.
        rows_quarantined: Rows that the feed set aside one by one; a file refused whole raises instead.
        files: The files written.
        first_day: First partition written.
        last_day: Last partition written.
        first_read: First day, or first of the month, that was read, changed or not; None where it is not known.
        last_read: Last day, or first of the last month, that was read.
        remarks: What an operator should know although nothing failed, such as a station that sent nothing.
    """

    table: BronzeTable
    rows_read: int = 0
    rows_landed: int = 0
    rows_unchanged: int = 0
    rows_deleted: int = 0
    rows_quarantined: int = 0
    files: list[str] = field(default_factory=list)
    first_day: date | None = None
    last_day: date | None = None
    first_read: date | None = None
    last_read: date | None = None
    remarks: list[str] = field(default_factory=list)

    def add(self, other: Landing) -> None:
        """Take in another landing of the same table."""
        self.rows_read += other.rows_read
        self.rows_landed += other.rows_landed
        self.rows_unchanged += other.rows_unchanged
        self.rows_quarantined += other.rows_quarantined
        self.files += other.files
        self.remarks += other.remarks
        self.first_day = min(filter(None, (self.first_day, other.first_day)), default=None)
        self.last_day = max(filter(None, (self.last_day, other.last_day)), default=None)
        self.first_read = min(filter(None, (self.first_read, other.first_read)), default=None)
        self.last_read = max(filter(None, (self.last_read, other.last_read)), default=None)


@dataclass(frozen=True)
class _Piece:
    dataset_id: str
    source_uri: str
    offset: int


class _RowSum:
    """Content hash of a set of rows, whatever their order and their chunks.

    Hashed are the names of the columns, the number of rows, and the sum of one 64-bit md5 number per row;
    a row is its values as text (timestamps as microseconds) in the order of the column names, NULL apart from
    the empty text. The metadata columns take no part.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0
        self._columns: set[str] = set()

    def add(self, rows: pa.Table, connection: duckdb.DuckDBPyConnection) -> None:
        connection.register("batch", rows)
        query = f"select sum({row_digest(rows.schema)}::hugeint) from batch"
        row = connection.execute(query).fetchone()
        connection.unregister("batch")
        self._sum += int(row[0]) if row and row[0] is not None else 0
        self.rows += rows.num_rows
        self._columns.update(rows.column_names)

    def hexdigest(self) -> str:
        text = json.dumps([sorted(self._columns), self.rows, self._sum])
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class _Stage:
    """The rows of one partition, kept aside until it is known which of its datasets changed."""

    def __init__(self) -> None:
        self._file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=STAGE_MEMORY_BYTES))  # noqa: SIM115 - closed with the stage
        self._pieces: list[_Piece] = []
        self._schema: pa.Schema | None = None
        self.sums: dict[str, _RowSum] = {}

    def add(self, batch: Batch, rows: pa.Table, connection: duckdb.DuckDBPyConnection) -> None:
        self._pieces.append(_Piece(batch.dataset_id, batch.source_uri, self._file.tell()))
        with pa.ipc.new_stream(self._file, rows.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as out:
            out.write_table(rows)
        self._schema = pa.unify_schemas([self._schema, rows.schema]) if self._schema else rows.schema
        self.sums.setdefault(batch.dataset_id, _RowSum()).add(rows, connection)

    @property
    def schema(self) -> pa.Schema:
        if self._schema is None:
            raise ValueError("an empty stage has no schema")
        return self._schema

    def read(self, datasets: Mapping[str, object]) -> Iterator[tuple[_Piece, pa.Table]]:
        for piece in self._pieces:
            if piece.dataset_id in datasets:
                self._file.seek(piece.offset)
                with pa.ipc.open_stream(self._file) as stream:
                    yield piece, stream.read_all()

    def close(self) -> None:
        self._file.close()


class Lake:
    """A bronze lake in a local folder or on S3.

    Args:
        root: Absolute path, or an address that pyarrow's filesystems understand (`s3://bucket/prefix`).
    """

    def __init__(self, root: str) -> None:
        if "://" in root:
            self._filesystem, self._root = pafs.FileSystem.from_uri(root)
        else:
            if not Path(root).is_absolute():
                raise ValueError(f"the lake's root must be an absolute path or s3://…, not {root!r}")
            self._filesystem, self._root = pafs.LocalFileSystem(), root
        self._root = self._root.rstrip("/")
        self._is_local = isinstance(self._filesystem, pafs.LocalFileSystem)

    def land(
        self,
        table: BronzeTable,
        batches: Iterable[Batch],
        *,
        run_id: str,
        extracted_at: datetime | None = None,
    ) -> Landing:
        """Write what is new as one vintage per partition; what equals its newest vintage is not written.

        The batches are consumed one at a time; nothing is written before the last one has come, so a source
        that fails half-way leaves the lake as it was.

        Args:
            table: Contract of the rows.
            batches: Rows by dataset and day; one (partition, dataset) may come in many batches.
            run_id: Kept in `_run_id`.
            extracted_at: Moment of the fetch in UTC; now if not given.

        Raises:
            FeedContractError: A contract column is missing, or a column has another type than before.
            FileExistsError: A vintage of the same moment exists already.
        """
        moment = (extracted_at or datetime.now(UTC)).astimezone(UTC)
        landing = Landing(table)
        stages: dict[date, _Stage] = {}
        try:
            with duckdb.connect() as connection:
                for batch in batches:
                    rows = conform(table, batch.rows, window=f"{batch.dataset_id} {batch.day}")
                    landing.rows_read += rows.num_rows
                    if rows.num_rows:
                        day = table.partition_day(batch.day)
                        stages.setdefault(day, _Stage()).add(batch, rows, connection)
            landing.first_read, landing.last_read = min(stages, default=None), max(stages, default=None)
            fresh = self._take_in_columns(table, stages, moment.date())
            landing.remarks += [f"new column {name}, landed beside the contract" for name in fresh]
            vintages = self._vintages(table) if stages else {}
            for day in sorted(stages):
                self._land_partition(
                    landing, day, stages[day], vintages=vintages.get(day, []), moment=moment, run_id=run_id
                )
        finally:
            for stage in stages.values():
                stage.close()
        return landing

    def schemas(self) -> registry.Registry:
        """Return the schema registry: `source/table` to its entry, empty before the first landing."""
        path = f"{self._root}/{registry.FILE}"
        if not self._exists(path):
            return {}
        with self._filesystem.open_input_stream(path) as source:
            return cast("registry.Registry", json.loads(source.read()))

    def _register(self, entries: registry.Registry) -> None:
        """Write entries into the registry, if they say anything new."""
        known = self.schemas()
        if any(known.get(name) != entry for name, entry in entries.items()):
            text = json.dumps({**known, **entries}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            self._put(f"{self._root}/{registry.FILE}", lambda target: _write_text(target, text))

    def _take_in_columns(self, table: BronzeTable, stages: Mapping[date, _Stage], day: date) -> list[str]:
        """Register columns that a source added beside the contract; returns those that are new."""
        added: dict[str, str] = {}
        for stage in stages.values():
            added |= registry.added_columns(table, stage.schema)
        if not added:
            return []
        before = registry.contract_entry(table, self.schemas().get(table.name))
        after = registry.take_in(table, before, added, day)
        self._register({table.name: after})
        return sorted(after["added_columns"].keys() - before["added_columns"].keys())

    def ensure_contracts(self, tables: Iterable[BronzeTable]) -> None:
        """Bring the registry up to date, and write the zero-row file of each table that lacks it.

        By that file a source without data reads as empty, and a column that an old file lacks as NULL.
        """
        chosen = list(tables)
        known = self.schemas()
        self._register({table.name: registry.contract_entry(table, known.get(table.name)) for table in chosen})
        for table in chosen:
            path = f"{self._folder(table)}/{CONTRACT_FILE}"
            schema = table.empty_schema()
            if self._exists(path) and pq.read_schema(path, filesystem=self._filesystem).equals(schema):
                continue

            def write(target: Path, schema: pa.Schema = schema) -> None:
                pq.write_table(schema.empty_table(), target, compression="zstd")

            self._put(path, write)

    def quarantine(self, source: str, table: str, name: str, payload: bytes | Path, reason: str) -> str:
        """Keep a payload that broke its contract, with the reason in a JSON file beside it.

        Args:
            source: Source of the payload.
            table: Table it was meant for.
            name: File name that a person will recognise.
            payload: The bytes, or the file that holds them.
            reason: Why it was refused.

        Returns:
            Where the payload is. The same payload refused twice is kept once.
        """
        digest = hashlib.sha256()
        for chunk in _chunks(payload):
            digest.update(chunk)
        safe_name = re.sub(r"[^\w.()-]+", "_", name)[-120:] or "payload"
        path = f"{self._root}/quarantine/{source}/{table}/{digest.hexdigest()[:12]}-{safe_name}"

        def write_payload(target: Path) -> None:
            with target.open("wb") as out:
                for chunk in _chunks(payload):
                    out.write(chunk)

        def write_reason(target: Path) -> None:
            facts = {
                "reason": reason,
                "name": name,
                "sha256": digest.hexdigest(),
                "quarantined_at": datetime.now(UTC).isoformat(),
            }
            target.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

        self._put(path, write_payload)
        self._put(f"{path}.reason.json", write_reason)
        return path

    @contextmanager
    def quarantining(self, table: BronzeTable) -> Iterator[None]:
        """Keep the payload of a broken contract that is raised inside, and say in the error where it is.

        Args:
            table: What the payload was meant for, unless the error names another table as its feed.
        """
        try:
            yield
        except FeedContractError as error:
            if error.payload is not None:
                source, _, name = error.feed.rpartition("/")
                error.kept_at = self.quarantine(
                    source or table.source, name if source else table.table, error.name, error.payload, str(error)
                )
            raise

    def datasets(self, table: BronzeTable) -> dict[str, tuple[date, date]]:
        """Return the first and the last partition of each dataset; reads footers only."""
        found: dict[str, tuple[date, date]] = {}
        for day, paths in self._vintages(table).items():
            for path in paths:
                for dataset_id in self._footer(path):
                    first, last = found.get(dataset_id, (day, day))
                    found[dataset_id] = (min(first, day), max(last, day))
        return found

    def seen(self, table: BronzeTable) -> dict[str, str]:
        """Return what was noted of the files that a source published: name to ETag, checksum or the like."""
        path = f"{self._folder(table)}/{SEEN_FILE}"
        if not self._exists(path):
            return {}
        with self._filesystem.open_input_stream(path) as source:
            return cast("dict[str, str]", json.loads(source.read()))

    def note_seen(self, table: BronzeTable, marks: Mapping[str, str]) -> None:
        """Note which state of a source's files has landed, so that it is not transferred again.

        The notes lie beside the table's vintages: whoever removes these removes the notes with them.
        """
        text = json.dumps({**self.seen(table), **marks}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        self._put(f"{self._folder(table)}/{SEEN_FILE}", lambda target: _write_text(target, text))

    def greatest(self, table: BronzeTable, column: str) -> Any:
        """Return the greatest value of a column over all vintages, or None; reads footers only."""
        greatest: Any = None
        for paths in self._vintages(table).values():
            for path in paths:
                metadata = pq.read_metadata(path, filesystem=self._filesystem)
                index = metadata.schema.to_arrow_schema().get_field_index(column)
                for group in range(metadata.num_row_groups if index >= 0 else 0):
                    statistics = metadata.row_group(group).column(index).statistics
                    if statistics is not None and statistics.has_min_max:
                        greatest = statistics.max if greatest is None else max(greatest, statistics.max)
        return greatest

    def dataset(self, table: BronzeTable, schema: pa.Schema) -> ds.Dataset:
        """Return all vintages of a table as a pyarrow dataset; columns a file lacks are NULL.

        Args:
            table: Which table.
            schema: Columns to see, metadata included if wanted.
        """
        paths = [path for paths in self._vintages(table).values() for path in paths]
        return ds.dataset(paths, schema=schema, filesystem=self._filesystem, format="parquet")

    def superseded(self, table: BronzeTable, *, before: datetime) -> list[str]:
        """Return the vintages of which every dataset has a newer one in the same partition, read before a moment.

        What they hold can be had from the newer ones only where these hold the partition whole, as a snapshot does.

        Args:
            table: Which table.
            before: The newer vintages are older than this (UTC).
        """
        found: list[str] = []
        for paths in self._vintages(table).values():
            newer: set[str] = set()
            for path in paths:
                datasets = set(self._footer(path))
                if datasets and datasets <= newer:
                    found.append(path)
                if _read_at(path) < before:
                    newer |= datasets
        return sorted(found)

    def remove_vintages(self, paths: Iterable[str]) -> None:
        """Remove bronze files; one that is gone already is passed over."""
        for path in paths:
            if VINTAGE.search(path) is None or not path.startswith(f"{self._root}/bronze/"):
                raise ValueError(f"{path} is no vintage of this lake")
            if self._exists(path):
                self._filesystem.delete_file(path)

    def _land_partition(
        self,
        landing: Landing,
        day: date,
        stage: _Stage,
        *,
        vintages: list[str],
        moment: datetime,
        run_id: str,
    ) -> None:
        hashes = {dataset_id: rows.hexdigest() for dataset_id, rows in stage.sums.items()}
        known = self._newest_hashes(vintages, set(hashes))
        changed = {dataset_id: digest for dataset_id, digest in hashes.items() if known.get(dataset_id) != digest}
        rows_changed = sum(stage.sums[dataset_id].rows for dataset_id in changed)
        landing.rows_unchanged += sum(rows.rows for rows in stage.sums.values()) - rows_changed
        if not changed:
            return
        table = landing.table
        path = f"{self._folder(table)}/year={day:%Y}/month={day:%m}/day={day:%d}/{moment:%Y%m%dT%H%M%S%f}Z.parquet"
        if path in vintages:
            raise FileExistsError(f"{path}: a vintage of this moment exists already")
        footer = {name: {"hash": digest, "rows": stage.sums[name].rows} for name, digest in changed.items()}
        schema = pa.schema([*stage.schema, *METADATA], metadata={FOOTER_KEY: json.dumps(footer).encode()})

        shared = {
            "_source": table.source,
            "_extracted_at": moment,
            "_run_id": run_id,
            "_schema_version": table.schema_version,
        }

        def write(target: Path) -> None:
            with pq.ParquetWriter(target, schema, **_encodings(schema)) as writer:
                waiting: list[pa.Table] = []
                for piece, rows in stage.read(changed):
                    own = {
                        "_dataset_id": piece.dataset_id,
                        "_source_uri": piece.source_uri,
                        "_content_hash": changed[piece.dataset_id],
                    }
                    waiting.append(_widened(rows, schema, shared | own))
                    if sum(part.num_rows for part in waiting) >= ROW_GROUP_ROWS:
                        writer.write_table(pa.concat_tables(waiting))
                        waiting = []
                if waiting:
                    writer.write_table(pa.concat_tables(waiting))

        self._put(path, write)
        landing.files.append(path)
        landing.rows_landed += rows_changed
        landing.first_day = min(landing.first_day or day, day)
        landing.last_day = max(landing.last_day or day, day)

    def _newest_hashes(self, vintages: list[str], wanted: set[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in vintages:
            if wanted <= found.keys():
                break
            for dataset_id, facts in self._footer(path).items():
                found.setdefault(dataset_id, facts["hash"])
        return found

    def _footer(self, path: str) -> dict[str, Any]:
        metadata = pq.read_metadata(path, filesystem=self._filesystem).metadata or {}
        return cast("dict[str, Any]", json.loads(metadata.get(FOOTER_KEY, b"{}")))

    def _vintages(self, table: BronzeTable) -> dict[date, list[str]]:
        """List the files of a table by partition, newest first."""
        selector = pafs.FileSelector(self._folder(table), recursive=True, allow_not_found=True)
        found: dict[date, list[str]] = {}
        for info in self._filesystem.get_file_info(selector):
            match = VINTAGE.search(info.path)
            if match:
                found.setdefault(date(*map(int, match.groups())), []).append(info.path)
            elif self._is_local and info.path.endswith(".tmp"):
                _remove_if_stale(Path(info.path))
        return {day: sorted(paths, reverse=True) for day, paths in found.items()}

    def _folder(self, table: BronzeTable) -> str:
        return f"{self._root}/bronze/{table.source}/{table.table}"

    def _exists(self, path: str) -> bool:
        return bool(self._filesystem.get_file_info(path).type == pafs.FileType.File)

    def _put(self, path: str, write: Callable[[Path], None]) -> None:
        """Make a file appear whole: a rename locally, one upload elsewhere, which an object store ends as a whole."""
        if not self._is_local:
            with tempfile.TemporaryDirectory() as folder:
                local = Path(folder) / "file"
                write(local)
                with pa.memory_map(str(local)) as source, self._filesystem.open_output_stream(path) as out:
                    out.write(source.read_buffer())
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            write(temporary)
            _sync(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(target.parent)


def row_digest(schema: pa.Schema) -> str:
    """Return the DuckDB expression for the 64-bit md5 number of a row of this schema, as `_RowSum` describes it."""
    texts = []
    for name in sorted(schema.names):
        quoted = '"' + name.replace('"', '""') + '"'
        value = f"epoch_us({quoted})" if pa.types.is_timestamp(schema.field(name).type) else quoted
        texts.append(f"coalesce({value}::varchar, chr(0))")
    return f"md5_number_lower(concat_ws(chr(31), {', '.join(texts)}))"


def conform(table: BronzeTable, rows: pa.Table, *, window: str) -> pa.Table:
    """Return the rows with the contract's columns first and any extra column of the source after them.

    Args:
        table: The contract.
        rows: Rows as parsed.
        window: Part of the feed for messages.

    Raises:
        FeedContractError: A required column is missing, a type differs, a name is used twice or is ours.
    """
    names = rows.column_names
    required = [column.name for column in table.schema if not _is_optional(column)]
    missing = [name for name in required if name not in names]
    reserved = sorted({name for name in names if name in METADATA.names or names.count(name) > 1})
    if missing or reserved:
        problem = f"columns missing: {missing}" if missing else f"columns repeated or reserved: {reserved}"
        raise FeedContractError(
            table.name,
            window,
            f"{problem}; columns seen: {names}",
            "compare the source's layout with the contract in extractors/; extend it if the change is meant",
        )
    arrays: list[pa.ChunkedArray] = []
    fields: list[pa.Field] = []
    for column in table.schema:
        if column.name not in names:
            arrays.append(pa.chunked_array([pa.nulls(rows.num_rows, column.type)]))
        else:
            found = rows.column(column.name)
            if found.type != column.type and not pa.types.is_null(found.type):
                raise FeedContractError(
                    table.name,
                    window,
                    f"column {column.name} has type {found.type}, expected {column.type}",
                    "find out what the source changed; extend the contract if the change is meant",
                )
            arrays.append(found.cast(column.type))
        fields.append(pa.field(column.name, column.type))
    for name in names:
        if name not in table.schema.names:
            found = rows.column(name)
            arrays.append(found.cast(pa.string()) if pa.types.is_null(found.type) else found)
            fields.append(pa.field(name, arrays[-1].type))
    return pa.table(arrays, schema=pa.schema(fields))


def _read_at(path: str) -> datetime:
    return datetime.strptime(path.rpartition("/")[2], "%Y%m%dT%H%M%S%fZ.parquet").replace(tzinfo=UTC)


def _is_optional(column: pa.Field) -> bool:
    return bool(column.metadata and column.metadata.get(b"presence") == b"optional")


def _widened(rows: pa.Table, schema: pa.Schema, values: Mapping[str, object]) -> pa.Table:
    """Return the rows in the columns of a file: constants for `values`, NULL for what they lack."""
    columns = []
    for column in schema:
        if column.name in values:
            columns.append(pa.repeat(pa.scalar(values[column.name], column.type), rows.num_rows))
        elif column.name in rows.column_names:
            columns.append(rows.column(column.name).cast(column.type))
        else:
            columns.append(pa.nulls(rows.num_rows, column.type))
    return pa.table(columns, schema=schema)


def _encodings(schema: pa.Schema) -> dict[str, Any]:
    """Return how a file is written: numbers that run on and moments as differences, all else by dictionary.

    Keys and moments rarely repeat, so a dictionary of them is larger than they are, and slower.
    """
    running = [column.name for column in schema if pa.types.is_int64(column.type) or pa.types.is_timestamp(column.type)]
    return {
        "compression": "zstd",
        "compression_level": ZSTD_LEVEL,
        "use_dictionary": [name for name in schema.names if name not in running],
        "column_encoding": dict.fromkeys(running, "DELTA_BINARY_PACKED"),
    }


def _write_text(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")


def _chunks(payload: bytes | Path) -> Iterator[bytes]:
    if isinstance(payload, bytes):
        yield payload
        return
    with payload.open("rb") as source:
        while chunk := source.read(1 << 20):
            yield chunk


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_stale(path: Path) -> None:
    """Remove what a killed run left behind; a young file may belong to a run that is still writing."""
    try:
        if time.time() - path.stat().st_mtime > STALE_TEMPORARY_SECONDS:
            path.unlink()
    except FileNotFoundError:
        return
