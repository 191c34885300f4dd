"""What the platform expects of an ERP: eleven bronze tables, their columns with types, and their keys.

Which table and column of a particular ERP each of them comes from is said by a mapping file, never here.
"""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from extractors.lake import BronzeTable, optional

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

# Ours, not the ERP's: a row that vanished from an event table is landed once more with this flag.
DELETED = "_is_deleted"


def _table(
    name: str, kind: Literal["snapshot", "changes"], key: tuple[str, ...], /, **columns: pa.DataType
) -> BronzeTable:
    fields = [pa.field(column, of_type) for column, of_type in columns.items()]
    if kind == "changes":
        fields.append(optional(DELETED, BOOLEAN))
    return BronzeTable(source="erp", table=name, schema=pa.schema(fields), kind=kind, key=key)


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


def source_columns(table: BronzeTable) -> pa.Schema:
    """Return the columns that come from the ERP, without the flag that is ours."""
    return pa.schema([column for column in table.schema if column.name != DELETED])
