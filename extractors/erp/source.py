"""The ERP's side: one read-only, consistent view, what its tables look like, and their rows as Arrow streams."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import adbc_driver_postgresql.dbapi as postgresql
import pyarrow as pa
from psycopg import sql

from extractors.erp.contract import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, TEXT, TIMESTAMP, source_columns
from extractors.erp.mapping import ErpMapping, TableMapping
from extractors.http import FeedContractError, FeedUnavailable
from extractors.lake import BronzeTable

logger = logging.getLogger(__name__)

# PostgreSQL types that hold what the contract's type holds, without loss, by their short names.
ACCEPTED = {
    TEXT: {"text", "varchar", "bpchar"},
    INTEGER: {"int4", "int2"},
    BIGINT: {"int8", "int4", "int2"},
    DOUBLE: {"float8", "float4"},
    BOOLEAN: {"bool"},
    DATE: {"date"},
    TIMESTAMP: {"timestamptz"},
}
# Columns outside the contract that keep their own type; any other is landed as its text.
KEPT_AS_IS = {"bool", "int2", "int4", "int8", "float4", "float8", "date", "text", "varchar", "timestamptz"}
FULL_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
}


@dataclass(frozen=True)
class _Column:
    """One column to read: its bronze name, the SQL that gives it and its Arrow type."""

    name: str
    expression: sql.Composable
    kind: pa.DataType


@dataclass(frozen=True)
class Reading:
    """One bronze table as it is read from this ERP.

    Attributes:
        table: The contract.
        mapping: Where it comes from.
        origin: How messages and `_source_uri` call the source.
        relation: SQL of the table or query.
        columns: What is read of it; the contract's columns, then those that only the ERP has.
    """

    table: BronzeTable
    mapping: TableMapping
    origin: str
    relation: sql.Composable
    columns: tuple[_Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """Return the columns as they come out of `Erp.rows`."""
        return pa.schema([(column.name, column.kind) for column in self.columns])

    def expression(self, name: str) -> sql.Composable:
        """Return the SQL that gives a bronze column."""
        return next(column.expression for column in self.columns if column.name == name)

    def alive(self) -> sql.Composable:
        """Return the condition that a row is not deleted."""
        rule = self.mapping.deletion
        if rule is None:
            return sql.SQL("true")
        dead = sql.SQL(", ").join(map(sql.Literal, rule.values))
        return sql.SQL("({}::text in ({})) is not true").format(sql.Identifier(rule.column), dead)


class Erp:
    """One consistent, read-only view of the ERP: all that is read through it is of the same moment."""

    def __init__(self, connection: Any, mapping: ErpMapping) -> None:
        self._connection = connection
        self._mapping = mapping
        self._begin()

    def describe(self, table: BronzeTable, mapping: TableMapping) -> Reading:
        """Decide how a bronze table is read, or refuse a source that does not hold what the contract says.

        Raises:
            FeedContractError: Names the columns that are missing or have another type, and what to do.
        """
        relation: sql.Composable
        if mapping.query:
            origin, relation = f"query of {self._mapping.path.name}", _sql(f"(\n{mapping.query}\n) as mapped")
            names = self._described(table, origin, sql.SQL("select * from {}").format(relation)).names
        else:
            origin = f"{self._mapping.schema}.{mapping.table}"
            relation = sql.Identifier(self._mapping.schema, mapping.table)
            names = self._visible_columns(mapping.table)
        found = {name: sql.Identifier(name) for name in names}
        kinds: dict[str, tuple[str, int | None]] = {}
        if found:
            listed = sql.SQL(", ").join(found.values())
            statement = sql.SQL("select {} from {}").format(listed, relation)
            kinds = {column.name: _kind(column) for column in self._described(table, origin, statement)}
        problems = [] if found else [f"table {origin} does not exist or the role may not read it"]
        columns = []
        for column in source_columns(table):
            name = mapping.columns.get(column.name, column.name)
            if column.name in mapping.absent:
                columns.append(_Column(column.name, sql.SQL("null"), column.type))
                continue
            kind, scale = kinds.get(name, ("absent", None))
            if not _accepted(column.type, kind, scale):
                label = name if name == column.name else f"{name} (our {column.name})"
                problems.append(f"column {label} is {_full_name(kind, scale)}, expected {column.type}")
            columns.append(_Column(column.name, sql.Identifier(name), column.type))
        rule = mapping.deletion
        if rule and rule.column not in found:
            problems.append(f"column {rule.column} of the deletion rule is absent")
        if problems:
            raise FeedContractError(
                table.name,
                f"table {origin}",
                f"{'; '.join(problems)}; columns seen: {', '.join(found) or 'none'}",
                self._advice(table),
            )
        used = {mapping.columns.get(column.name, column.name) for column in source_columns(table)}
        extra = [name for name in found if name not in used | ({rule.column} if rule else set())]
        expressions = [
            found[name] if kinds[name][0] in KEPT_AS_IS else sql.SQL("{}::text").format(found[name]) for name in extra
        ]
        if extra:
            logger.info("%s: %s also has %s; landed beside the contract", table.name, origin, ", ".join(extra))
            statement = sql.SQL("select {} from {}").format(sql.SQL(", ").join(expressions), relation)
            types = self._described(table, origin, statement).types
            columns += [_Column(*facts) for facts in zip(extra, expressions, types, strict=True)]
        return Reading(table, mapping, origin, relation, tuple(columns))

    def rows(
        self, reading: Reading, condition: sql.Composable | None = None, only: Sequence[str] = ()
    ) -> Iterator[pa.Table]:
        """Stream the rows that are not deleted.

        Args:
            reading: What to read.
            condition: Which rows, in the ERP's own columns; all by default.
            only: Bronze columns to read; all by default.

        Raises:
            FeedContractError: A value does not fit its column, or a row has no key.
            FeedUnavailable: The connection was lost.
        """
        table = reading.table
        columns = [column for column in reading.columns if not only or column.name in only]
        selected = sql.SQL(", ").join(
            sql.SQL("{} as {}").format(column.expression, sql.Identifier(column.name)) for column in columns
        )
        alive = [reading.alive(), *([condition] if condition else [])]
        statement = sql.SQL("select {} from {} where {}").format(
            selected, reading.relation, sql.SQL(" and ").join(alive)
        )
        with self._speaking(table, reading.origin), self._connection.cursor() as cursor:
            cursor.execute(statement.as_string(None))
            for batch in _received(cursor.fetch_record_batch(), reading):
                arrays = [self._cast(reading, column, batch.column(place)) for place, column in enumerate(columns)]
                yield pa.table(dict(zip([column.name for column in columns], arrays, strict=True)))

    def refuse_repeated_keys(self, reading: Reading) -> None:
        """Refuse a query whose joins multiply rows.

        Raises:
            FeedContractError: Names a key that more than one row has.
        """
        keys = [f"{name}::text" for name in map(_quoted, reading.table.key)]
        inner = sql.SQL(", ").join(
            sql.SQL("{} as {}").format(reading.expression(name), sql.Identifier(name)) for name in reading.table.key
        )
        statement = sql.SQL(
            "select {keys}, count(*) from (select {inner} from {relation} where {alive}) as keyed group by {keys} "
            "having count(*) > 1 order by {keys} limit 1"
        ).format(keys=_sql(", ".join(keys)), inner=inner, relation=reading.relation, alive=reading.alive())
        with self._speaking(reading.table, reading.origin), self._connection.cursor() as cursor:
            cursor.execute(statement.as_string(None))
            found = cursor.fetchone()
        if found:
            raise FeedContractError(
                reading.table.name,
                reading.origin,
                f"{found[-1]} rows with the key {' / '.join(map(str, found[:-1]))}",
                f"its joins multiply rows: make each give at most one row per key in {self._mapping.path}",
            )

    def _begin(self) -> None:
        """Start a transaction that sees one moment and can write nothing, whatever the role may do."""
        self._execute("begin isolation level repeatable read read only")
        self._execute("set session characteristics as transaction read only")
        path = sql.SQL("set local search_path to {}, pg_catalog").format(sql.Identifier(self._mapping.schema))
        self._execute(path.as_string(None))

    @contextmanager
    def of_the_same_moment(self) -> Iterator[None]:
        """Read one table; what follows a contract error still sees the moment of everything before it."""
        self._execute("savepoint before_table")
        try:
            yield
        except FeedContractError:
            self._execute("rollback to savepoint before_table")
            raise
        self._execute("release savepoint before_table")

    def _execute(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def _visible_columns(self, table: str) -> list[str]:
        """Return the columns that the reading role may see."""
        statement = sql.SQL(
            "select column_name::text from information_schema.columns "
            "where table_schema = {} and table_name = {} order by ordinal_position"
        ).format(sql.Literal(self._mapping.schema), sql.Literal(table))
        with self._connection.cursor() as cursor:
            cursor.execute(statement.as_string(None))
            return [name for (name,) in cursor.fetchall()]

    def _described(self, table: BronzeTable, origin: str, statement: sql.Composable) -> pa.Schema:
        with self._speaking(table, origin), self._connection.cursor() as cursor:
            return cursor.adbc_execute_schema(statement.as_string(None))

    def _cast(self, reading: Reading, column: _Column, values: pa.Array) -> pa.Array:
        if isinstance(values, pa.ExtensionArray):
            values = values.storage
        if column.name in reading.table.key and values.null_count:
            raise FeedContractError(
                reading.table.name,
                f"column {column.name}",
                f"{values.null_count} rows without a value, though it belongs to the key",
                self._advice(reading.table),
            )
        try:
            return values.cast(column.kind)
        except pa.ArrowException as error:
            raise FeedContractError(
                reading.table.name,
                f"column {column.name}",
                f"a value that does not fit {column.kind} ({error})",
                self._advice(reading.table),
            ) from None

    def _advice(self, table: BronzeTable) -> str:
        return (
            "ask the ERP's owner what was changed; then mend the view or the grants there, or "
            f"`tables.{table.table}` in {self._mapping.path.name}"
        )

    @contextmanager
    def _speaking(self, table: BronzeTable, origin: str) -> Iterator[None]:
        """Tell a statement that the ERP refuses (it always will) from an ERP that does not answer."""
        try:
            yield
        except postgresql.Error as error:
            if (error.sqlstate or "").startswith("42"):
                raise FeedContractError(
                    table.name, f"table {origin}", _first_line(error), self._advice(table)
                ) from None
            raise


@contextmanager
def opened(dsn: str, mapping: ErpMapping, feed: str) -> Iterator[Erp]:
    """Open one consistent, read-only view of the ERP.

    Args:
        dsn: libpq URI.
        mapping: Where the tables are.
        feed: Named in messages.

    Raises:
        FeedUnavailable: The ERP does not answer, or the connection was lost.
    """
    try:
        # The driver would refuse to go back to a savepoint in a transaction that it began itself.
        with postgresql.connect(dsn, autocommit=True) as connection:
            yield Erp(connection, mapping)
    except postgresql.Error as error:
        password = urlsplit(dsn).password
        text = str(error).replace(password, "***") if password else str(error)
        raise FeedUnavailable(feed, f"schema {mapping.schema}", text.strip()) from None


def _received(reader: pa.RecordBatchReader, reading: Reading) -> Iterator[pa.RecordBatch]:
    """Read the stream; a connection lost on the way comes out of Arrow, not out of the driver."""
    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:
        raise FeedUnavailable(
            reading.table.name, f"table {reading.origin}", f"the stream broke off ({error})"
        ) from None


def _kind(column: pa.Field) -> tuple[str, int | None]:
    """Return PostgreSQL's short type name and, for a number with declared decimals, how many."""
    facts = column.metadata or {}
    name = facts.get(b"POSTGRESQL:type", b"").decode()
    modifier = int(facts.get(b"POSTGRESQL:typmod", b"-1"))
    # numeric(p, s) is kept as ((p << 16) | s) + 4
    return name, (modifier - 4) & 0x7FF if name == "numeric" and modifier >= 4 else None


def _full_name(kind: str, scale: int | None) -> str:
    name = FULL_NAMES.get(kind, kind)
    return name if scale is None else f"{name} with {scale} decimals"


def _accepted(wanted: pa.DataType, kind: str, scale: int | None) -> bool:
    if pa.types.is_decimal(wanted):
        return kind == "numeric" and (scale is None or scale <= wanted.scale)
    return kind in ACCEPTED[wanted]


def _first_line(error: Exception) -> str:
    """PostgreSQL's own words, without the driver's around them."""
    text = str(error).partition("ERROR:")[2] or str(error)
    return " ".join(text.partition("\nQuery was:")[0].split())


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)


def _sql(text: str) -> sql.SQL:
    """A query of the operator's mapping file; it runs in a read-only transaction of a read-only role."""
    return sql.SQL(text)
