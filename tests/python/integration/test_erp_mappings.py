"""Other ERPs, in small schemas of their shape, come out as the tables that staging expects."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from extractors.catalog import ERP_TABLES, TABLES, extract_erp
from extractors.erp import mapping as mappings
from extractors.lake import METADATA, Lake, Landing
from extractors.settings import Settings
from simulator.postgres import Cluster, create_database

CHECKOUT = Path(__file__).resolve().parents[3]
FIXTURES = CHECKOUT / "tests" / "fixtures" / "erp"
CODES = {
    "movement_type": {"opening", "receipt", "issue", "return", "adjustment"},
    "requisitions": {"open", "fulfilled", "cancelled"},
    "purchase_orders": {"requested", "open", "partially_received", "received", "cancelled"},
}
TODAY = date(2026, 6, 1)


class OtherErp:
    """An ERP of another make, and the lake that it is landed in."""

    def __init__(self, name: str, cluster: Cluster, port: int, root: Path) -> None:
        self.cluster, self.port, self.lake = cluster, port, Lake(str(root))
        self.settings = Settings(
            lake_root=str(root),
            today=TODAY,
            history_from=date(2020, 1, 1),
            erp_dsn=cluster.reader_dsn(port),
            erp_mapping=name,
        )
        self.execute(f"drop schema public cascade; create schema public; {(FIXTURES / f'{name}.sql').read_text()}")

    def execute(self, statement: str) -> None:
        with self.cluster.connect(self.port) as connection:
            connection.execute(statement.encode())
            connection.execute("grant usage on schema public to nova_reader")
            connection.execute("grant select on all tables in schema public to nova_reader")

    def land(self) -> dict[str, Landing]:
        landings = extract_erp(ERP_TABLES, self.settings, self.lake, "run")
        return {landing.table.table: landing for landing in landings}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, int]]:
    cluster = Cluster(tmp_path_factory.mktemp("erps"))
    with cluster.running() as port:
        create_database(cluster, port)
        yield cluster, port


@pytest.fixture(params=["odoo", "erpnext", "protheus"])
def other(request: pytest.FixtureRequest, server: tuple[Cluster, int], tmp_path: Path) -> OtherErp:
    return OtherErp(request.param, *server, tmp_path)


def rows(landing: Landing) -> dict[Any, dict[str, Any]]:
    """What was landed, by key."""
    key = landing.table.key
    found = [row for file in landing.files for row in pq.read_table(file, partitioning=None).to_pylist()]
    return {row[key[0]] if len(key) == 1 else tuple(row[name] for name in key): row for row in found}


def values(landing: Landing, key: Any, *columns: str) -> tuple[Any, ...]:
    return tuple(rows(landing)[key][column] for column in columns)


def test_every_table_has_the_columns_and_types_of_the_contract_and_the_words_of_staging(other: OtherErp) -> None:
    landings = other.land()

    held = mappings.load(other.settings.erp_mapping).tables
    for name, landing in landings.items():
        assert bool(landing.files) == (held[name] is not None), name
        for file in landing.files:
            schema = pq.read_schema(file)
            for column in [*landing.table.schema, *METADATA]:
                assert schema.field(column.name).type == column.type, f"{name}.{column.name}"
    assert {row["movement_type"] for row in rows(landings["stock_movements"]).values()} <= CODES["movement_type"]
    for name in ("requisitions", "purchase_orders"):
        assert {row["status"] for row in rows(landings[name]).values()} <= CODES[name]
    items, places = set(rows(landings["items"])), set(rows(landings["locations"]))
    assert {key[0] for key in rows(landings["inventory"])} <= items
    for name in ("inventory", "stock_movements", "purchase_orders", "requisitions"):
        assert {row["location_id"] for row in rows(landings[name]).values()} - {None} <= places, name


def test_a_second_reading_lands_nothing(other: OtherErp) -> None:
    other.land()

    assert {name: landing.files for name, landing in other.land().items() if landing.files} == {}


def landed_from(name: str, server: tuple[Cluster, int], root: Path) -> dict[str, Landing]:
    return OtherErp(name, *server, root).land()


def test_odoo(server: tuple[Cluster, int], tmp_path: Path) -> None:
    erp = landed_from("odoo", server, tmp_path)

    item = values(
        erp["items"], "000123", "item_name", "category", "family", "unit", "supplier_id", "cost", "lead_time_days"
    )
    assert item == ("Retificador de ignição", "Energia", "Retificadores", "UN", "7", Decimal("1234.5000"), 25)
    assert values(erp["items"], "000123", "updated_at", "pack_size") == (datetime(2026, 5, 2, 9, tzinfo=UTC), None)
    assert values(erp["items"], "#101", "item_name", "is_service", "is_active") == ("Inspeção", True, False)
    assert values(erp["suppliers"], "7", "tax_id", "state", "promised_lead_time_days") == (
        "00.000.007/0001-00",
        "BA",
        25,
    )
    assert set(rows(erp["suppliers"])) == {"7"}
    stock = values(erp["inventory"], ("000123", "5"), "current_stock", "min_stock", "max_stock")
    assert stock == (Decimal("6.500"), Decimal("3.000"), Decimal("12.000"))
    assert values(erp["inventory"], ("000123", "6"), "current_stock", "reorder_point") == (Decimal(0), Decimal(1))
    asked = {
        key: (row["status"], row["quantity"], row["location_id"]) for key, row in rows(erp["requisitions"]).items()
    }
    assert asked == {
        901: ("fulfilled", Decimal(2), "5"),
        902: ("cancelled", Decimal(7), "5"),
        903: ("open", Decimal(1), "5"),
        904: ("fulfilled", Decimal(-1), "5"),
    }
    assert values(erp["requisitions"], 901, "required_on") == (date(2026, 5, 21),)
    moved = {key: (row["movement_type"], row["quantity"]) for key, row in rows(erp["stock_movements"]).items()}
    assert moved == {
        1801: ("receipt", Decimal(4)),
        1802: ("issue", Decimal(-2)),
        1809: ("return", Decimal(1)),
        1810: ("adjustment", Decimal(-1)),
        1811: ("adjustment", Decimal(1)),
    }
    states = {key: row["status"] for key, row in rows(erp["purchase_orders"]).items()}
    assert states == {400: "partially_received", 410: "cancelled", 420: "requested"}
    assert values(erp["purchase_orders"], 400, "promised_on", "location_id") == (date(2026, 5, 31), "5")
    assert values(erp["receipts"], 900, "purchase_order_line_id", "quantity") == (400, Decimal(4))


def test_erpnext(server: tuple[Cluster, int], tmp_path: Path) -> None:
    erp = landed_from("erpnext", server, tmp_path)

    item = values(erp["items"], "000123", "item_name", "supplier_id", "cost", "lead_time_days", "is_service")
    assert item == ("Bateria estacionária", "Baterias Fictícias", Decimal("1100.0000"), 21, False)
    # the wall clock of Salvador is three hours behind UTC
    assert values(erp["items"], "000123", "updated_at") == (datetime(2026, 5, 21, 13, tzinfo=UTC),)
    assert values(erp["items"], "SRV-1", "is_service", "is_active", "cost") == (True, False, Decimal(0))
    assert set(rows(erp["locations"])) == {"Central - NC", "Van Sertão - NC"}
    position = values(erp["inventory"], ("000123", "Central - NC"), "current_stock", "reorder_point", "max_stock")
    assert position == (Decimal(3), Decimal(2), None)
    asked = {row["name"]: row for row in rows(erp["requisitions"]).values()}
    assert {name: row["status"] for name, row in asked.items()} == {"mri1": "fulfilled", "mri2": "cancelled"}
    moved = {row["name"]: row for row in rows(erp["stock_movements"]).values()}
    assert {name: row["movement_type"] for name, row in moved.items()} == {
        "sle1": "adjustment",
        "sle2": "receipt",
        "sle3": "issue",
    }
    assert moved["sle3"]["requisition_line_id"] == asked["mri1"]["requisition_line_id"]
    assert moved["sle3"]["moved_at"] == datetime(2026, 5, 5, 1, 15, tzinfo=UTC)
    orders = {row["name"]: row for row in rows(erp["purchase_orders"]).values()}
    assert {name: row["status"] for name, row in orders.items()} == {"poi1": "partially_received", "poi2": "cancelled"}
    assert (orders["poi1"]["quantity"], orders["poi1"]["unit_price"]) == (Decimal(6), Decimal(900))
    assert orders["poi1"]["requested_at"] < orders["poi1"]["ordered_at"]
    assert moved["sle2"]["purchase_order_line_id"] == orders["poi1"]["purchase_order_line_id"]
    receipts = [(row["name"], row["purchase_order_line_id"], row["quantity"]) for row in rows(erp["receipts"]).values()]
    assert receipts == [("pri1", orders["poi1"]["purchase_order_line_id"], Decimal(2))]


def test_protheus(server: tuple[Cluster, int], tmp_path: Path) -> None:
    erp = landed_from("protheus", server, tmp_path)

    item = values(erp["items"], "000123", "item_name", "category", "unit", "supplier_id", "cost", "pack_size")
    assert item == ("RETIFICADOR 48V ALTA EFICIÊNCIA", "ENER", "UN", "F0000101", Decimal("1100.0000"), Decimal(1))
    days = {key: (row["b1_pe"], row["b1_tipe"], row["lead_time_days"]) for key, row in rows(erp["items"]).items()}
    assert days == {
        "000123": (6.0, "S", 42),
        "000124": (2.0, "M", 60),
        "000125": (12.0, "D", 12),
        "000126": (36.0, "H", 2),
        "000900": (0.0, "", 0),
    }
    assert values(erp["items"], "000125", "supplier_id", "is_active", "updated_at") == (None, False, None)
    assert set(rows(erp["suppliers"])) == {"F0000101", "F0000201"}
    assert values(erp["suppliers"], "F0000201", "city", "tax_id", "country") == ("CAMAÇARI", None, None)
    stock = {key: row["current_stock"] for key, row in rows(erp["inventory"]).items()}
    assert stock == {
        ("000123", "01/01"): Decimal(4),
        ("000123", "02/01"): Decimal(1),
        ("000124", "01/01"): Decimal("350.5"),
        ("000125", "01/03"): Decimal(0),
    }
    asked = {key: (row["status"], row["location_id"]) for key, row in rows(erp["requisitions"]).items()}
    assert asked == {11: ("fulfilled", "01/01"), 12: ("open", "01/01"), 13: ("cancelled", None)}
    moved = rows(erp["stock_movements"])
    assert {key: (row["movement_type"], row["quantity"]) for key, row in moved.items()} == {
        2: ("adjustment", Decimal(5)),
        4: ("issue", Decimal(-1)),
        63: ("receipt", Decimal(1)),
    }
    assert (moved[4]["requisition_line_id"], moved[63]["purchase_order_line_id"]) == (11, 21)
    orders = {key: (row["status"], row["requested_at"]) for key, row in rows(erp["purchase_orders"]).items()}
    assert orders == {
        21: ("partially_received", datetime(2026, 4, 1, 3, tzinfo=UTC)),
        22: ("cancelled", datetime(2026, 4, 5, 3, tzinfo=UTC)),
    }
    assert list(rows(erp["receipts"])) == [31]


def test_protheus_rows_without_a_stamp_are_followed_through_change_deletion_and_return(
    server: tuple[Cluster, int], tmp_path: Path
) -> None:
    protheus = OtherErp("protheus", *server, tmp_path)
    protheus.land()

    protheus.execute("update scp010 set cp_quje = 80 where r_e_c_n_o_ = 12")
    changed = protheus.land()["requisitions"]
    protheus.execute("update scp010 set d_e_l_e_t_ = '*' where r_e_c_n_o_ = 12")
    deleted = protheus.land()["requisitions"]
    protheus.execute("update scp010 set d_e_l_e_t_ = ' ' where r_e_c_n_o_ = 12")
    returned = protheus.land()["requisitions"]

    history = [
        [(key, row["status"], row["_is_deleted"]) for key, row in rows(one).items()]
        for one in (changed, deleted, returned)
    ]
    assert history == [[(12, "fulfilled", False)], [(12, "fulfilled", True)], [(12, "fulfilled", False)]]


def test_staging_reads_what_another_erp_landed(server: tuple[Cluster, int], tmp_path: Path) -> None:
    protheus = OtherErp("protheus", *server, tmp_path / "lake")
    protheus.lake.ensure_contracts(TABLES)
    protheus.land()
    protheus.execute("update sc7010 set d_e_l_e_t_ = '*' where r_e_c_n_o_ = 22")
    protheus.land()
    warehouse = tmp_path / "warehouse.duckdb"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NOVA_", "DBT_"))}
    done = subprocess.run(
        [
            Path(sys.executable).parent / "dbt",
            "build",
            "--select",
            "staging.erp",
            "--indirect-selection",
            "cautious",
            "--target-path",
            str(tmp_path / "dbt"),
        ],
        cwd=CHECKOUT,
        env={
            **kept,
            "LAKE_ROOT": str(tmp_path / "lake"),
            "WAREHOUSE_PATH": str(warehouse),
            "DBT_PROFILES_DIR": str(CHECKOUT),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        items = connection.execute(
            "select item_id, promised_lead_time_days, supplier_id from staging.stg_erp__items order by item_id limit 2"
        ).fetchall()
        orders = connection.execute("select purchase_order_line_id from staging.stg_erp__purchase_orders").fetchall()
    assert items == [("000123", 42, "F0000101"), ("000124", 60, "F0000201")]
    assert orders == [(21,)]
