"""The ERP: tables of a PostgreSQL schema, streamed as Arrow record batches into the lake.

Small tables are read whole each day. Event tables are read by the watermark `updated_at` with a look-back, and
only rows that are new or changed against bronze are landed. Each table is read in one repeatable-read, read-only
transaction; nothing is ever written to the ERP.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import adbc_driver_postgresql.dbapi as postgresql
import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from extractors.http import FeedContractError, FeedUnavailable
from extractors.lake import Batch, BronzeTable, Lake, Landing
from extractors.settings import BUSINESS_TIME_ZONE, Settings

SCHEMA = "erp"
CHANGE_KEY = "updated_at"
LOOK_BACK = timedelta(days=3)
MEND_IT = (
    "ask the ERP's owner what was changed; then change the view or the grants there, or the contract in "
    "extractors/erp.py together with the staging model"
)

TEXT = pa.string()
INTEGER = pa.int32()
BIGINT = pa.int64()
DOUBLE = pa.float64()
BOOLEAN = pa.bool_()
DATE = pa.date32()
TIMESTAMP = pa.timestamp("us", tz="UTC")
QUANTITY = pa.decimal128(14, 3)
UNIT_MONEY = pa.decimal128(14, 4)
MONEY = pa.decimal128(14, 2)
PERCENT = pa.decimal128(6, 3)

# PostgreSQL types that hold what the contract's type holds, without loss.
ACCEPTED = {
    TEXT: {"text", "character varying", "character"},
    INTEGER: {"integer", "smallint"},
    BIGINT: {"bigint", "integer", "smallint"},
    DOUBLE: {"double precision", "real"},
    BOOLEAN: {"boolean"},
    DATE: {"date"},
    TIMESTAMP: {"timestamp with time zone"},
}
# Types of columns outside the contract that keep their own type; any other is landed as its text.
KEPT_AS_IS = {"boolean", "smallint", "integer", "bigint", "real", "double precision", "date"} | {
    "text",
    "character varying",
    "timestamp with time zone",
}


def _table(
    name: str, kind: Literal["snapshot", "changes"], key: tuple[str, ...], /, **columns: pa.DataType
) -> BronzeTable:
    return BronzeTable(source="erp", table=name, schema=pa.schema(list(columns.items())), kind=kind, key=key)


TABLES = (
    _table(
        "items",
        "snapshot",
        ("item_id",),
        item_id=TEXT,
        item_name=TEXT,
        category=TEXT,
        family=TEXT,
        unit=TEXT,
        supplier_id=TEXT,
        cost=UNIT_MONEY,
        lead_time_days=INTEGER,
        min_order_quantity=QUANTITY,
        pack_size=QUANTITY,
        criticality=TEXT,
        is_service=BOOLEAN,
        is_active=BOOLEAN,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "suppliers",
        "snapshot",
        ("supplier_id",),
        supplier_id=TEXT,
        supplier_name=TEXT,
        tax_id=TEXT,
        city=TEXT,
        state=TEXT,
        country=TEXT,
        promised_lead_time_days=INTEGER,
        is_active=BOOLEAN,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "contracts",
        "snapshot",
        ("contract_id",),
        contract_id=TEXT,
        client_name=TEXT,
        sla_tier=TEXT,
        sla_target_pct=PERCENT,
        hourly_penalty_brl=MONEY,
        starts_on=DATE,
        ends_on=DATE,
        is_active=BOOLEAN,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "locations",
        "snapshot",
        ("location_id",),
        location_id=TEXT,
        location_name=TEXT,
        location_type=TEXT,
        municipality_code=TEXT,
        municipality_name=TEXT,
        state=TEXT,
        latitude=DOUBLE,
        longitude=DOUBLE,
        is_active=BOOLEAN,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "towers",
        "snapshot",
        ("tower_id",),
        tower_id=TEXT,
        tower_name=TEXT,
        tower_type=TEXT,
        municipality_code=TEXT,
        municipality_name=TEXT,
        state=TEXT,
        latitude=DOUBLE,
        longitude=DOUBLE,
        contract_id=TEXT,
        location_id=TEXT,
        commissioned_on=DATE,
        is_active=BOOLEAN,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "inventory",
        "snapshot",
        ("item_id", "location_id"),
        item_id=TEXT,
        location_id=TEXT,
        current_stock=QUANTITY,
        min_stock=QUANTITY,
        max_stock=QUANTITY,
        reorder_point=QUANTITY,
        date=DATE,
        last_updated=TIMESTAMP,
    ),
    _table(
        "requisitions",
        "changes",
        ("requisition_line_id",),
        requisition_line_id=BIGINT,
        requisition_id=TEXT,
        line_number=INTEGER,
        item_id=TEXT,
        location_id=TEXT,
        tower_id=TEXT,
        work_order_id=TEXT,
        quantity=QUANTITY,
        unit=TEXT,
        requested_at=TIMESTAMP,
        required_on=DATE,
        fulfilled_at=TIMESTAMP,
        status=TEXT,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "stock_movements",
        "changes",
        ("movement_id",),
        movement_id=BIGINT,
        item_id=TEXT,
        location_id=TEXT,
        movement_type=TEXT,
        quantity=QUANTITY,
        unit_cost=UNIT_MONEY,
        requisition_line_id=BIGINT,
        purchase_order_line_id=BIGINT,
        moved_at=TIMESTAMP,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "purchase_orders",
        "changes",
        ("purchase_order_line_id",),
        purchase_order_line_id=BIGINT,
        purchase_order_id=TEXT,
        line_number=INTEGER,
        supplier_id=TEXT,
        item_id=TEXT,
        location_id=TEXT,
        quantity=QUANTITY,
        unit_price=UNIT_MONEY,
        requested_at=TIMESTAMP,
        ordered_at=TIMESTAMP,
        promised_on=DATE,
        required_on=DATE,
        status=TEXT,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "receipts",
        "changes",
        ("receipt_id",),
        receipt_id=BIGINT,
        purchase_order_line_id=BIGINT,
        received_at=TIMESTAMP,
        quantity=QUANTITY,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
    _table(
        "work_orders",
        "changes",
        ("work_order_id",),
        work_order_id=TEXT,
        tower_id=TEXT,
        contract_id=TEXT,
        kind=TEXT,
        priority=TEXT,
        opened_at=TIMESTAMP,
        responded_at=TIMESTAMP,
        closed_at=TIMESTAMP,
        downtime_minutes=INTEGER,
        status=TEXT,
        created_at=TIMESTAMP,
        updated_at=TIMESTAMP,
    ),
)


@dataclass(frozen=True)
class _Column:
    """One column to read: its SQL expression and its Arrow type, or None for the type that comes."""

    name: str
    expression: str
    kind: pa.DataType | None


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Read one table of the ERP and land it.

    Raises:
        FeedContractError: A column is missing or has another type, or a table that had rows is empty.
        FeedUnavailable: The ERP does not answer.
    """
    del folder
    with _transaction(settings.need("ERP_DSN"), table) as cursor:
        columns = _columns(table, _described(cursor, table))
        if table.kind == "changes":
            return _land_changes(cursor, table, columns, settings, lake, run_id=run_id)
        batches = _batches(_rows(cursor, table, columns, condition=""), table, settings)
        landing = lake.land(table, batches, run_id=run_id)
        if not landing.rows_read and lake.datasets(table):
            raise FeedContractError(
                table.name,
                f"snapshot of {settings.today}",
                "no row, where earlier snapshots had some",
                "restore the table in the ERP, or check the grants and row policies of the reading role",
            )
        return landing


def _land_changes(
    cursor: Any, table: BronzeTable, columns: list[_Column], settings: Settings, lake: Lake, *, run_id: str
) -> Landing:
    greatest: datetime | None = lake.greatest(table, CHANGE_KEY)
    if greatest is None:
        rows = _rows(cursor, table, columns, condition="")
        return lake.land(table, _batches(rows, table, settings), run_id=run_id)
    # A row dated in the future must not hide what happens until then.
    end_of_business = datetime.combine(settings.today, time.min, BUSINESS_TIME_ZONE).astimezone(UTC)
    since = min(greatest, end_of_business) - LOOK_BACK
    key = _quoted(CHANGE_KEY)
    condition = f" where {key} >= timestamptz '{since:%Y-%m-%d %H:%M:%S.%f}+00' or {key} is null"
    rows = _rows(cursor, table, columns, condition=condition)
    known: pa.Table | None = None
    rows_read = 0

    def news() -> Iterator[pa.Table]:
        nonlocal known, rows_read
        with duckdb.connect() as connection:
            for part in rows:
                if known is None:
                    known = _newest_known(lake, table, part.schema, since, connection)
                rows_read += part.num_rows
                yield _not_in(part, known, connection)

    landing = lake.land(table, _batches(news(), table, settings), run_id=run_id)
    landing.rows_read = rows_read
    landing.rows_unchanged = rows_read - landing.rows_landed
    return landing


def _newest_known(
    lake: Lake, table: BronzeTable, schema: pa.Schema, since: datetime, connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    """Return what bronze knows of the rows of the look-back, one row per key."""
    seen = lake.dataset(table, pa.schema([*schema, ("_extracted_at", TIMESTAMP)]))
    changed = pc.field(CHANGE_KEY)
    vintages = seen.to_table(filter=(changed >= pa.scalar(since, TIMESTAMP)) | changed.is_null())
    connection.register("vintages", vintages.append_column("position", pa.array(range(vintages.num_rows))))
    keys = ", ".join(map(_quoted, table.key))
    newest = connection.execute(
        f"select position from vintages qualify row_number() over (partition by {keys} order by _extracted_at desc) = 1"
    ).to_arrow_table()
    connection.unregister("vintages")
    return vintages.take(newest.column("position")).select(schema.names)


def _not_in(rows: pa.Table, known: pa.Table, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return the rows that no known row equals in all columns; NULL equals NULL."""
    connection.register("incoming", rows.append_column("position", pa.array(range(rows.num_rows))))
    connection.register("known", known)
    same = " and ".join(
        f"incoming.{_quoted(name)} is not distinct from known.{_quoted(name)}" for name in rows.column_names
    )
    fresh = connection.execute(
        f"select position from incoming anti join known on {same} order by position"
    ).to_arrow_table()
    connection.unregister("incoming")
    connection.unregister("known")
    return rows.take(fresh.column("position"))


def _batches(rows: Iterator[pa.Table], table: BronzeTable, settings: Settings) -> Iterator[Batch]:
    for part in rows:
        yield Batch(f"{SCHEMA}.{table.table}", settings.today, part, f"postgresql:{SCHEMA}.{table.table}")


def _rows(cursor: Any, table: BronzeTable, columns: list[_Column], *, condition: str) -> Iterator[pa.Table]:
    """Stream the rows of a table in the columns' own types."""
    selected = ", ".join(f"{column.expression} as {_quoted(column.name)}" for column in columns)
    cursor.execute(f"select {selected} from {_quoted(SCHEMA)}.{_quoted(table.table)}{condition}")
    for batch in _received(cursor.fetch_record_batch(), table):
        arrays = [_cast(table, column, batch.column(place)) for place, column in enumerate(columns)]
        yield pa.table(dict(zip([column.name for column in columns], arrays, strict=True)))


def _received(reader: pa.RecordBatchReader, table: BronzeTable) -> Iterator[pa.RecordBatch]:
    """Read the stream; a connection lost on the way comes out of Arrow, not out of the driver."""
    try:
        yield from reader
    except (pa.ArrowException, OSError) as error:
        raise FeedUnavailable(table.name, f"table {SCHEMA}.{table.table}", f"the stream broke off ({error})") from None


def _cast(table: BronzeTable, column: _Column, values: pa.Array) -> pa.Array:
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    if column.kind is None or values.type == column.kind:
        return values
    try:
        return values.cast(column.kind)
    except pa.ArrowException as error:
        raise FeedContractError(
            table.name,
            f"column {column.name}",
            f"a value that does not fit {column.kind} ({error})",
            MEND_IT,
        ) from None


def _described(cursor: Any, table: BronzeTable) -> dict[str, tuple[str, int | None]]:
    """Return the type and the numeric scale of each column that the reading role sees."""
    cursor.execute(
        "select column_name::text, data_type::text, numeric_scale::integer from information_schema.columns "
        f"where table_schema = '{SCHEMA}' and table_name = '{table.table}' order by ordinal_position"
    )
    return {name: (kind, scale) for name, kind, scale in cursor.fetchall()}


def _columns(table: BronzeTable, described: dict[str, tuple[str, int | None]]) -> list[_Column]:
    """Decide how to read each column; refuse a table that does not hold what the contract says."""
    problems = []
    if not described:
        problems.append(f"table {SCHEMA}.{table.table} does not exist or the role may not read it")
    columns = []
    for column in table.schema:
        kind, scale = described.get(column.name, ("absent", None))
        if not _accepted(column.type, kind, scale):
            seen = kind if scale is None or kind != "numeric" else f"numeric with {scale} decimals"
            problems.append(f"column {column.name} is {seen}, expected {column.type}")
        columns.append(_Column(column.name, _quoted(column.name), column.type))
    if problems:
        raise FeedContractError(
            table.name,
            f"table {SCHEMA}.{table.table}",
            f"{'; '.join(problems)}; columns seen: {', '.join(described) or 'none'}",
            MEND_IT,
        )
    for name, (kind, _) in described.items():
        if name not in table.schema.names:
            expression = _quoted(name) if kind in KEPT_AS_IS else f"{_quoted(name)}::text"
            columns.append(_Column(name, expression, None))
    return columns


def _accepted(wanted: pa.DataType, kind: str, scale: int | None) -> bool:
    if pa.types.is_decimal(wanted):
        return kind == "numeric" and (scale is None or scale <= wanted.scale)
    return kind in ACCEPTED[wanted]


@contextmanager
def _transaction(dsn: str, table: BronzeTable) -> Iterator[Any]:
    """Open one consistent, read-only view of the ERP."""
    try:
        with postgresql.connect(dsn) as connection, connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read read only")
            yield cursor
    except postgresql.Error as error:
        password = urlsplit(dsn).password
        text = str(error).replace(password, "***") if password else str(error)
        raise FeedUnavailable(table.name, f"table {SCHEMA}.{table.table}", text.strip()) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
