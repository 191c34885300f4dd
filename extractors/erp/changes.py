"""What changed in the ERP since it was last read, found by comparing it with the lake.

Three questions are asked of an event table. Rows whose change key is younger than the watermark less the look-back, or
missing, are compared by content with what bronze holds. The keys of all rows are compared with the keys that bronze
holds: one that only bronze has was deleted and is landed once more with `_is_deleted`; one that only the ERP has came
late, or returned, and is read. Where certain days are asked for, the first two questions are asked of the rows that
changed on these days, and the third is left out. DuckDB does the comparing and spills to disk, so memory does not grow
with the table.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql

from extractors.erp.contract import BOOLEAN, DELETED, TIMESTAMP
from extractors.erp.mapping import ErpMapping
from extractors.erp.source import Erp, Reading
from extractors.http import FeedContractError
from extractors.lake import Batch, Lake, Landing, row_digest
from extractors.settings import BUSINESS_TIME_ZONE, Settings

logger = logging.getLogger(__name__)

MEMORY_LIMIT = "384MB"
ROWS_PER_BATCH = 131_072
# Up to so many rows are asked for by their keys; of more the whole table is read.
KEYS_PER_QUESTION = 5_000
# A small table may lose this many rows whatever share of it they are.
FEW_ROWS = 100


@dataclass(frozen=True)
class _Span:
    """Moments of change that are compared by content: since <= moment < until, each open if None.

    Attributes:
        is_exact: Only these rows are meant; otherwise rows without a moment are, too, and all keys are compared.
    """

    since: datetime | None
    until: datetime | None = None
    is_exact: bool = False

    def days(self, today: date) -> tuple[date | None, date]:
        """First and last closed day of Bahia that the span reaches; no first day if it has no beginning."""
        last = today if self.until is None else self.until.astimezone(BUSINESS_TIME_ZONE).date()
        first = None if self.since is None else self.since.astimezone(BUSINESS_TIME_ZONE).date()
        return first, last - timedelta(days=1)


def land_whole(erp: Erp, reading: Reading, settings: Settings, lake: Lake, *, run_id: str) -> Landing:
    """Land a table as it stands; its deletions are seen by what the newest vintage lacks.

    Raises:
        FeedContractError: The table had rows and has none now, or a query gives a key twice.
    """
    table = reading.table
    if reading.mapping.query:
        erp.refuse_repeated_keys(reading)
    landing = lake.land(table, _batches(erp.rows(reading), reading, settings), run_id=run_id)
    if not landing.rows_read and lake.datasets(table):
        raise FeedContractError(
            table.name,
            f"snapshot of {settings.today}",
            "no row, where earlier snapshots had some",
            "restore the table in the ERP, or check the grants and row policies of the reading role",
        )
    return landing


def land_changes(
    erp: Erp,
    reading: Reading,
    mapping: ErpMapping,
    settings: Settings,
    lake: Lake,
    *,
    run_id: str,
    folder: Path,
) -> Landing:
    """Land what is new, changed or gone in an event table, or in the rows that changed on the days asked for.

    Of a table without a change key no day can be told from another: it is compared whole.

    Args:
        erp: The view of the ERP.
        reading: Which table.
        mapping: Look-back, and how many rows may vanish at once.
        settings: The day of the run.
        lake: What is known, and where to land.
        run_id: Kept in every row.
        folder: For what does not fit into memory.

    Raises:
        FeedContractError: More rows vanished than the mapping allows, or a query gives a key twice.
    """
    table = reading.table
    if reading.mapping.query:
        erp.refuse_repeated_keys(reading)
    span = _span(reading, mapping, settings, lake)
    if not lake.datasets(table):
        rows = (_flagged(part, is_deleted=False) for part in erp.rows(reading, _span_in_erp(reading, span)))
        landing = lake.land(table, _batches(rows, reading, settings), run_id=run_id)
        landing.first_read, landing.last_read = span.days(settings.today)
        return landing
    spool = folder / f"{table.table}.parquet"
    rows_in_window = _spool(erp.rows(reading, _span_in_erp(reading, span)), reading.schema, spool)
    with _workspace(folder) as connection:
        comparison = _Comparison(connection, reading, lake, spool, span)
        comparison.take_keys(erp.rows(reading, only=table.key))
        comparison.refuse_a_great_loss(mapping)
        missing = comparison.missing_keys()
        new = 0

        def found() -> Iterator[pa.Table]:
            nonlocal new
            for part in comparison.changed():
                new += part.num_rows
                yield _flagged(part, is_deleted=False)
            if missing:
                for part in erp.rows(reading, _among(reading, missing)):
                    yield _flagged(comparison.only_missing(part), is_deleted=False)
            for part in comparison.vanished():
                yield _flagged(part, is_deleted=True)

        landing = lake.land(table, _batches(found(), reading, settings), run_id=run_id)
    spool.unlink()
    landing.rows_read = rows_in_window + len(missing)
    landing.rows_unchanged = rows_in_window - new
    landing.rows_deleted = comparison.rows_vanished
    landing.first_read, landing.last_read = span.days(settings.today)
    if missing or landing.rows_deleted:
        logger.info(
            "%s: %d rows came from before the look-back, %d are gone from %s",
            table.name,
            len(missing),
            landing.rows_deleted,
            reading.origin,
        )
    return landing


class _Comparison:
    """The lake's and the ERP's rows of one table, side by side in DuckDB."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        reading: Reading,
        lake: Lake,
        spool: Path,
        span: _Span,
    ) -> None:
        self._connection = connection
        self._reading = reading
        self._span = span
        meant = _span_in_lake(reading, span)
        self._keys = ", ".join(map(_quoted, reading.table.key))
        self._columns = ", ".join(map(_quoted, reading.schema.names))
        self.rows_vanished = 0
        self._bronze = lake.dataset(
            reading.table, pa.schema([*reading.schema, (DELETED, BOOLEAN), ("_extracted_at", TIMESTAMP)])
        )
        connection.execute(f"create view window_of_erp as from read_parquet('{spool}')")
        # what bronze knows of each key, whenever it changed
        change_key = [reading.mapping.change_key] if reading.mapping.change_key else []
        self._stream_bronze([*reading.table.key, *change_key, DELETED, "_extracted_at"])
        connection.execute(
            f"""
            create table known as
            select
                {self._keys},
                max(_extracted_at) as read_at,
                arg_max(coalesce({DELETED}, false), _extracted_at) as is_deleted,
                arg_max({meant if span.is_exact else "true"}, _extracted_at) as is_meant
            from bronze
            group by {self._keys}
            """
        )
        # the content of those that the look-back concerns
        self._stream_bronze([*reading.schema.names, "_extracted_at"], _young_ones_in_lake(reading, span))
        connection.execute(
            f"""
            create table settled as
            select versions.*
            from (
                select
                    {self._keys},
                    max(_extracted_at) as read_at,
                    arg_max({row_digest(reading.schema)}, _extracted_at) as digest
                from bronze
                where {meant}
                group by {self._keys}
            ) as versions
            inner join known using ({self._keys}, read_at)
            where not known.is_deleted
            """
        )

    def _stream_bronze(self, columns: Sequence[str], condition: pc.Expression | None = None) -> None:
        """Let the one next query read the vintages, a batch at a time.

        A dataset that DuckDB reads by itself is read sixteen batches ahead, which are a gigabyte of a large table.
        """
        scanner = self._bronze.scanner(
            columns=list(dict.fromkeys(columns)),
            filter=condition,
            batch_size=ROWS_PER_BATCH // 4,
            batch_readahead=1,
            fragment_readahead=1,
        )
        self._connection.register("bronze", scanner.to_reader())

    def take_keys(self, parts: Iterable[pa.Table]) -> None:
        """Take the keys of all rows that the ERP holds."""
        columns = ", ".join(f"{_quoted(name)} {_duckdb_type(self._reading, name)}" for name in self._reading.table.key)
        self._connection.execute(f"create table keys_of_erp ({columns})")
        for part in parts:
            self._connection.register("part", part.select(self._reading.table.key))
            self._connection.execute("insert into keys_of_erp from part")
            self._connection.unregister("part")
        self._connection.execute(
            f"create table vanished as from known anti join keys_of_erp using ({self._keys}) where not is_deleted"
        )

    def refuse_a_great_loss(self, mapping: ErpMapping) -> None:
        """Refuse an ERP that lost so many rows that a mistake is likelier than deletions; then keep to those meant."""
        lost = self._count("vanished")
        before = self._count("known where not is_deleted")
        is_much = lost > FEW_ROWS and lost > before * mapping.largest_loss_pct / 100
        if is_much or (lost and lost == before):
            raise FeedContractError(
                self._reading.table.name,
                f"table {self._reading.origin}",
                f"{lost:,} of {before:,} rows that were there are gone",
                "restore the table, or check the grants and row policies of the reading role; if they were really "
                f"deleted, raise largest_loss_pct in {mapping.path} for one run",
            )
        self._connection.execute("delete from vanished where not is_meant")
        self.rows_vanished = self._count("vanished")

    def missing_keys(self) -> list[tuple[str, ...]]:
        """Return the keys, as texts, of rows that bronze lacks and that the look-back does not reach.

        None where certain days are asked for: what changed on other days is none of theirs.
        """
        self._connection.execute("create table missing as from keys_of_erp limit 0")
        if self._span.is_exact:
            return []
        self._connection.execute(
            f"""
            insert into missing
            from keys_of_erp
            anti join (from known where not is_deleted) using ({self._keys})
            anti join window_of_erp using ({self._keys})
            """
        )
        texts = ", ".join(f"{_quoted(name)}::varchar" for name in self._reading.table.key)
        return self._connection.execute(f"select {texts} from missing order by all").fetchall()

    def changed(self) -> Iterator[pa.Table]:
        """Give the rows of the look-back that bronze lacks or holds with other content."""
        yield from self._tables(
            f"""
            select {self._columns}
            from (select *, {row_digest(self._reading.schema)} as digest from window_of_erp)
            anti join settled using ({self._keys}, digest)
            """
        )

    def only_missing(self, part: pa.Table) -> pa.Table:
        """Return those rows of a part that bronze lacks."""
        self._connection.register("part", part)
        kept = list(self._tables(f"select {self._columns} from part semi join missing using ({self._keys})"))
        self._connection.unregister("part")
        return pa.concat_tables(kept) if kept else part.slice(0, 0)

    def vanished(self) -> Iterator[pa.Table]:
        """Give the last known version of the rows that are gone."""
        if self.rows_vanished:
            self._stream_bronze([*self._reading.schema.names, "_extracted_at"])
            yield from self._tables(
                f"""
                select {self._columns}
                from bronze
                semi join vanished
                    on bronze._extracted_at = vanished.read_at
                    and {" and ".join(f"bronze.{key} = vanished.{key}" for key in self._keys.split(", "))}
                """
            )

    def _tables(self, query: str) -> Iterator[pa.Table]:
        for batch in self._connection.execute(query).to_arrow_reader(ROWS_PER_BATCH):
            yield pa.Table.from_batches([batch]).cast(self._reading.schema)

    def _count(self, relation: str) -> int:
        row = self._connection.execute(f"select count(*) from {relation}").fetchone()
        return int(row[0]) if row else 0


def _workspace(folder: Path) -> duckdb.DuckDBPyConnection:
    settings = {
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(folder),
        "preserve_insertion_order": "false",
        "TimeZone": "UTC",
        "enable_progress_bar": "false",
    }
    connection = duckdb.connect()
    for name, value in settings.items():
        connection.execute(f"set {name} = '{value}'")
    return connection


def _span(reading: Reading, mapping: ErpMapping, settings: Settings, lake: Lake) -> _Span:
    """Return what is compared by content: the days asked for, or what the look-back reaches.

    Everything where there is nothing to go by.
    """
    key = reading.mapping.change_key
    if key is None:
        return _Span(None)
    if settings.window is not None:
        return _Span(
            _start_of(settings.window.first), _start_of(settings.window.last + timedelta(days=1)), is_exact=True
        )
    greatest: datetime | None = lake.greatest(reading.table, key)
    if greatest is None:
        return _Span(None)
    # A row dated in the future must not hide what happens until then.
    return _Span(min(greatest, _start_of(settings.today)) - mapping.look_back)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, BUSINESS_TIME_ZONE).astimezone(UTC)


def _span_in_erp(reading: Reading, span: _Span) -> sql.Composable | None:
    if span.since is None or reading.mapping.change_key is None:
        return None
    key = reading.expression(reading.mapping.change_key)
    since = sql.SQL("{} >= {}::timestamptz").format(key, sql.Literal(_moment(span.since)))
    if span.until is None:
        return sql.SQL("({} or {} is null)").format(since, key)
    return sql.SQL("({} and {} < {}::timestamptz)").format(since, key, sql.Literal(_moment(span.until)))


def _span_in_lake(reading: Reading, span: _Span) -> str:
    if span.since is None or reading.mapping.change_key is None:
        return "true"
    key = _quoted(reading.mapping.change_key)
    since = f"{key} >= timestamptz '{_moment(span.since)}'"
    if span.until is None:
        return f"({since} or {key} is null)"
    return f"coalesce({since} and {key} < timestamptz '{_moment(span.until)}', false)"


def _young_ones_in_lake(reading: Reading, span: _Span) -> pc.Expression | None:
    """Return the condition by which row groups are passed over that hold nothing as young as the span."""
    if span.since is None or reading.mapping.change_key is None:
        return None
    moment = pc.field(reading.mapping.change_key)
    return (moment >= pa.scalar(span.since, TIMESTAMP)) | moment.is_null()


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}+00"


def _among(reading: Reading, keys: list[tuple[str, ...]]) -> sql.Composable | None:
    """Return the condition that a row has one of these keys; None when they are too many to list."""
    if len(keys) > KEYS_PER_QUESTION:
        return None
    names = sql.SQL(", ").join(reading.expression(name) for name in reading.table.key)
    listed = sql.SQL(", ").join(sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, key))) for key in keys)
    return sql.SQL("({}) in ({})").format(names, listed)


def _spool(parts: Iterable[pa.Table], schema: pa.Schema, path: Path) -> int:
    """Keep a stream in a file, so that it can be compared without being held in memory."""
    rows = 0
    with pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for part in parts:
            writer.write_table(part)
            rows += part.num_rows
    return rows


def _flagged(rows: pa.Table, *, is_deleted: bool) -> pa.Table:
    return rows.append_column(DELETED, pa.repeat(pa.scalar(is_deleted), rows.num_rows))


def _batches(rows: Iterable[pa.Table], reading: Reading, settings: Settings) -> Iterator[Batch]:
    dataset = f"{reading.table.source}.{reading.table.table}"
    for part in rows:
        yield Batch(dataset, settings.today, part, f"postgresql:{reading.origin}")


def _duckdb_type(reading: Reading, name: str) -> str:
    kind = reading.table.schema.field(name).type
    return "bigint" if pa.types.is_integer(kind) else "varchar"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
