"""The ERP extractor against a real PostgreSQL with two tables of the contract."""

from __future__ import annotations

import logging
import random
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from psycopg import sql

from extractors.catalog import ERP_TABLES, TABLES, extract, extract_erp
from extractors.erp import mapping as mappings
from extractors.erp.source import opened
from extractors.http import FeedContractError, FeedUnavailable
from extractors.lake import Lake, Landing
from extractors.settings import Settings, Window
from simulator.postgres import Cluster, create_database, grant_reading, program

ITEMS = next(table for table in TABLES if table.name == "erp/items")
REQUISITIONS = next(table for table in TABLES if table.name == "erp/requisitions")

SCHEMA = """
drop schema if exists erp cascade;
create schema erp;
create table erp.items (
    item_id text primary key, item_name text, category text, family text, unit text, supplier_id text,
    cost numeric(14, 4), lead_time_days integer, min_order_quantity numeric(14, 3), pack_size numeric(14, 3),
    criticality text, is_service boolean, is_active boolean, created_at timestamptz, updated_at timestamptz
);
insert into erp.items values
    ('000123', 'Retificador "48 V"', 'ENERGIA', null, 'UN', 'F1', 1234.5, 30, 1, 1, 'vital', false, true,
     '2024-01-01 00:00-03', '2024-01-02 21:30-03'),
    ('000124', 'Manutenção', 'SERVIÇOS', '', 'SR', null, null, null, null, null, 'desirable', true, true,
     '2024-01-01', '2024-01-02');
create table erp.requisitions (
    requisition_line_id bigint primary key, requisition_id text, line_number integer, item_id text, location_id text,
    tower_id text, work_order_id text, quantity numeric(14, 3), unit text, requested_at timestamptz,
    required_on date, fulfilled_at timestamptz, status text, created_at timestamptz, updated_at timestamptz
);
insert into erp.requisitions
select n, 'R' || n / 2, n % 2, lpad(n::text, 6, '0'), null, 'T1', null, n + 0.125, 'UN', moment, moment::date, null,
    'open', moment, moment
from (
    select n, '2024-05-01 12:00+00'::timestamptz + n * interval '6 hours' as moment from generate_series(1, 100) as n
) as lines;
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, int]]:
    cluster = Cluster(tmp_path_factory.mktemp("erp"))
    with cluster.running() as port:
        create_database(cluster, port)
        yield cluster, port


class Erp:
    """A fresh ERP, a lake, and the morning on which the run happens."""

    def __init__(self, cluster: Cluster, port: int, root: str) -> None:
        self._cluster, self._port = cluster, port
        self._folder = Path(root)
        self.lake = Lake(root)
        self.settings = Settings(
            lake_root=root,
            today=date(2024, 5, 27),
            history_from=date(2020, 1, 1),
            erp_dsn=cluster.reader_dsn(port),
        )
        self.execute(SCHEMA)

    def execute(self, statement: str) -> None:
        with self._cluster.connect(self._port) as connection:
            connection.execute(statement.encode())
            grant_reading(connection)

    def connect(self) -> psycopg.Connection:
        return self._cluster.connect(self._port)

    def owner_dsn(self) -> str:
        return self._cluster.owner_dsn(self._port)

    def map(self, **entries: Any) -> None:
        """Use the company's mapping with other entries for some tables."""
        content = yaml.safe_load((mappings.SHIPPED / "nova_corrente.yml").read_text())
        self._folder.mkdir(exist_ok=True)
        file = self._folder / "own.yml"
        file.write_text(yaml.safe_dump({**content, "tables": {**content["tables"], **entries}}, allow_unicode=True))
        self.settings = replace(self.settings, erp_mapping=str(file))

    def extract(self, table: Any = REQUISITIONS, window: Window | None = None) -> Landing:
        return extract(table, replace(self.settings, window=window), self.lake, "run")


@pytest.fixture
def erp(server: tuple[Cluster, int], tmp_path: Any) -> Erp:
    return Erp(*server, str(tmp_path / "lake"))


def counts(landing: Landing) -> tuple[int, int, int]:
    return landing.rows_read, landing.rows_landed, landing.rows_unchanged


def landed(landing: Landing) -> list[dict[str, Any]]:
    return pq.read_table(landing.files[0], partitioning=None).to_pylist()


def test_values_arrive_with_the_types_of_the_contract(erp: Erp) -> None:
    landing = erp.extract(ITEMS)

    schema = pq.read_schema(landing.files[0])
    first, second = sorted(landed(landing), key=lambda row: row["item_id"])
    assert [schema.field(name).type for name in ITEMS.schema.names] == ITEMS.schema.types
    assert (first["item_id"], first["item_name"], first["cost"]) == (
        "000123",
        'Retificador "48 V"',
        Decimal("1234.5000"),
    )
    assert first["updated_at"] == datetime(2024, 1, 3, 0, 30, tzinfo=UTC)
    assert (first["family"], second["family"], second["cost"]) == (None, "", None)
    assert "day=27" in landing.files[0]
    assert (first["_source"], first["_dataset_id"]) == ("erp", "erp.items")


def test_a_snapshot_is_landed_once_a_day_and_again_when_it_changed(erp: Erp) -> None:
    assert counts(erp.extract(ITEMS)) == (2, 2, 0)
    assert counts(erp.extract(ITEMS)) == (2, 0, 2)
    erp.execute("update erp.items set cost = 1300 where item_id = '000123'")
    assert counts(erp.extract(ITEMS)) == (2, 2, 0)


def test_the_first_reading_of_an_event_table_takes_all_and_the_second_nothing(erp: Erp) -> None:
    assert counts(erp.extract()) == (100, 100, 0)
    again = erp.extract()

    # 100 rows in 25 days end on 26 May at 12:00; the look-back of three days holds 13 of them.
    assert counts(again) == (13, 0, 13)
    assert again.files == []


def test_only_new_and_changed_rows_are_landed(erp: Erp) -> None:
    erp.extract()
    erp.execute(
        """
        update erp.requisitions set status = 'fulfilled', updated_at = '2024-05-26 20:00+00'
        where requisition_line_id = 7;
        update erp.requisitions set status = 'cancelled' where requisition_line_id = 99;
        insert into erp.requisitions (requisition_line_id, quantity, updated_at)
        values (101, -1, '2024-05-26 23:00+00');
        """
    )

    landing = erp.extract()

    assert sorted((row["requisition_line_id"], row["status"]) for row in landed(landing)) == [
        (7, "fulfilled"),
        (99, "cancelled"),
        (101, None),
    ]
    assert counts(landing) == (15, 3, 12)
    assert counts(erp.extract())[1] == 0


def test_a_change_that_only_turns_a_value_into_null_is_a_change(erp: Erp) -> None:
    erp.extract()
    erp.execute("update erp.requisitions set tower_id = null where requisition_line_id = 100")

    assert counts(erp.extract())[1] == 1


def test_rows_without_a_change_date_are_compared_each_time(erp: Erp) -> None:
    erp.extract()
    erp.execute("insert into erp.requisitions (requisition_line_id, status) values (500, 'open')")

    assert counts(erp.extract())[1] == 1
    assert counts(erp.extract())[1] == 0


def test_a_row_dated_in_the_future_does_not_hide_what_comes_before_it(erp: Erp) -> None:
    erp.execute("insert into erp.requisitions (requisition_line_id, updated_at) values (900, '2031-01-01')")
    erp.extract()
    erp.execute("insert into erp.requisitions (requisition_line_id, updated_at) values (901, '2024-05-26 22:00+00')")

    assert [row["requisition_line_id"] for row in landed(erp.extract())] == [901]


def test_a_row_that_arrives_late_within_the_look_back_is_found(erp: Erp) -> None:
    erp.extract()
    erp.execute("insert into erp.requisitions (requisition_line_id, updated_at) values (700, '2024-05-24 00:00+00')")

    assert [row["requisition_line_id"] for row in landed(erp.extract())] == [700]


def test_a_row_that_goes_back_to_an_older_state_is_landed_again(erp: Erp) -> None:
    erp.extract()
    for status in ("fulfilled", "open"):
        erp.execute(f"update erp.requisitions set status = '{status}' where requisition_line_id = 100")
        assert [row["status"] for row in landed(erp.extract())] == [status]


def test_a_column_outside_the_contract_is_landed_too(erp: Erp) -> None:
    erp.execute(
        """
        alter table erp.items add column "Peso kg" numeric(9, 2) default 7.5;
        alter table erp.items add column tags jsonb default '{"a": 1}', add column bin smallint default 3;
        """
    )

    landing = erp.extract(ITEMS)

    row = landed(landing)[0]
    assert (row["Peso kg"], row["tags"], row["bin"]) == ("7.50", '{"a": 1}', 3)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ("alter table erp.items drop column cost", "column cost is absent, expected decimal128(14, 4)"),
        ("alter table erp.items rename column unit to uom", "column unit is absent, expected string"),
        (
            "alter table erp.items alter column lead_time_days type bigint",
            "column lead_time_days is bigint, expected int32",
        ),
        ("alter table erp.items alter column cost type numeric(16, 6)", "column cost is numeric with 6 decimals"),
        ("alter table erp.items alter column updated_at type timestamp", "updated_at is timestamp without time zone"),
        (
            "alter table erp.items alter column item_id type bigint using item_id::bigint",
            "item_id is bigint, expected string",
        ),
        ("drop table erp.items", "table erp.items does not exist or the role may not read it"),
    ],
)
def test_a_table_that_changed_its_shape_is_refused_with_what_to_do(erp: Erp, change: str, seen: str) -> None:
    erp.execute(change)

    with pytest.raises(FeedContractError) as caught:
        erp.extract(ITEMS)

    assert seen in caught.value.seen
    assert "erp/items [table erp.items]" in str(caught.value)
    assert "ask the ERP's owner" in caught.value.advice


@pytest.mark.parametrize(
    ("value", "seen"),
    [("'NaN'", "not a valid decimal128"), ("1.23456", "data loss"), ("99999999999", "does not fit in precision")],
)
def test_a_number_that_does_not_fit_is_refused_and_its_column_named(erp: Erp, value: str, seen: str) -> None:
    erp.execute("alter table erp.items alter column cost type numeric")
    erp.execute(f"update erp.items set cost = {value} where item_id = '000123'")

    with pytest.raises(FeedContractError, match=rf"erp/items \[column cost\].*{seen}"):
        erp.extract(ITEMS)


def test_a_table_that_lost_all_its_rows_is_refused(erp: Erp) -> None:
    erp.extract(ITEMS)
    erp.execute("delete from erp.items")

    with pytest.raises(FeedContractError, match="no row, where earlier snapshots had some"):
        erp.extract(ITEMS)


def test_an_erp_that_does_not_answer_is_unavailable_without_its_password_in_the_error(erp: Erp) -> None:
    erp.settings = replace(erp.settings, erp_dsn="postgresql://reader:s3cret@127.0.0.1:1/erp")

    with pytest.raises(FeedUnavailable) as caught:
        erp.extract(ITEMS)

    assert "erp/items" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_the_reading_role_cannot_write(erp: Erp) -> None:
    with psycopg.connect(erp.settings.erp_dsn) as connection, pytest.raises(psycopg.Error, match="read-only"):
        connection.execute("delete from erp.items")


def test_a_large_table_streams_through(erp: Erp) -> None:
    erp.execute(
        """
        truncate erp.requisitions;
        insert into erp.requisitions (requisition_line_id, item_id, quantity, updated_at)
        select n, lpad((n % 977)::text, 6, '0'), n % 13, '2024-01-01'::timestamptz + n * interval '1 minute'
        from generate_series(1, 200000) as n
        """
    )

    landing = erp.extract()

    table = pq.read_table(landing.files[0], columns=["requisition_line_id", "quantity"], partitioning=None)
    assert counts(landing) == (200_000, 200_000, 0)
    assert len(table.column("requisition_line_id").unique()) == 200_000
    assert pa.compute.sum(table.column("quantity")).as_py() == sum(n % 13 for n in range(1, 200_001))


def states(landing: Landing) -> list[tuple[int, bool]]:
    """Lines that were landed, and whether as deleted."""
    return sorted((row["requisition_line_id"], row["_is_deleted"]) for row in landed(landing)) if landing.files else []


def test_a_deleted_row_is_landed_once_as_deleted_with_its_last_values(erp: Erp) -> None:
    erp.extract()
    erp.execute("delete from erp.requisitions where requisition_line_id in (3, 99)")

    landing = erp.extract()

    assert states(landing) == [(3, True), (99, True)]
    assert {row["item_id"] for row in landed(landing)} == {"000003", "000099"}
    assert (landing.rows_deleted, landing.rows_landed) == (2, 2)
    assert erp.extract().files == []


@pytest.mark.parametrize("line", [3, 99])
def test_a_row_that_returns_after_its_deletion_is_landed_again_whether_the_look_back_reaches_it_or_not(
    erp: Erp, line: int
) -> None:
    erp.extract()
    kept = f"create table erp.kept as select * from erp.requisitions where requisition_line_id = {line}"
    erp.execute(f"{kept}; delete from erp.requisitions where requisition_line_id = {line}")
    assert states(erp.extract()) == [(line, True)]
    erp.execute("insert into erp.requisitions select * from erp.kept")

    assert states(erp.extract()) == [(line, False)]
    assert erp.extract().files == []
    erp.execute(f"delete from erp.requisitions where requisition_line_id = {line}")
    assert states(erp.extract()) == [(line, True)]


def test_a_row_entered_with_a_change_date_from_before_the_look_back_is_found_by_its_key(erp: Erp) -> None:
    erp.extract()
    erp.execute("insert into erp.requisitions (requisition_line_id, updated_at) values (800, '2023-01-01 00:00+00')")

    assert states(erp.extract()) == [(800, False)]
    assert erp.extract().files == []


def test_more_late_rows_than_can_be_listed_are_found_too(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.erp.changes.KEYS_PER_QUESTION", 2)
    erp.extract()
    erp.execute(
        "insert into erp.requisitions (requisition_line_id, updated_at) select n, '2023-01-01' "
        "from generate_series(801, 803) as n"
    )

    assert states(erp.extract()) == [(801, False), (802, False), (803, False)]


def test_a_change_committed_after_a_younger_one_was_read_is_not_lost(erp: Erp) -> None:
    erp.extract()
    with erp.connect() as slow:
        slow.execute(
            "update erp.requisitions set status = 'cancelled', updated_at = '2024-05-26 13:00+00' "
            "where requisition_line_id = 5"
        )
        erp.execute("update erp.requisitions set updated_at = '2024-05-26 23:00+00' where requisition_line_id = 6")
        assert states(erp.extract()) == [(6, False)]

    assert states(erp.extract()) == [(5, False)]


def test_rows_without_a_change_key_are_compared_by_content_and_only_what_differs_is_landed(erp: Erp) -> None:
    erp.execute("update erp.requisitions set updated_at = null where requisition_line_id <= 50")
    erp.extract()
    assert counts(erp.extract()) == (63, 0, 63)
    erp.execute(
        "update erp.requisitions set quantity = 7 where requisition_line_id = 20;"
        "delete from erp.requisitions where requisition_line_id = 30"
    )

    assert states(erp.extract()) == [(20, False), (30, True)]


def test_a_table_that_has_no_change_key_is_compared_whole(erp: Erp) -> None:
    erp.map(requisitions={"table": "requisitions", "change_key": None, "absent": ["updated_at"]})
    assert counts(erp.extract()) == (100, 100, 0)
    erp.execute("update erp.requisitions set status = 'fulfilled' where requisition_line_id = 1")

    assert counts(erp.extract()) == (100, 1, 99)
    assert counts(erp.extract()) == (100, 0, 100)


def day(text: str) -> Window:
    return Window(date.fromisoformat(text), date.fromisoformat(text))


def test_a_day_asked_for_is_read_exactly_and_again_with_the_same_result(erp: Erp) -> None:
    """Lines change every six hours from 2024-05-01 18:00 UTC; a day of Bahia begins at 03:00 UTC."""
    asked = erp.extract(window=day("2024-05-10"))
    again = erp.extract(window=day("2024-05-10"))

    changed = [row["updated_at"] for row in landed(asked)]
    assert (min(changed), max(changed)) == (
        datetime(2024, 5, 10, 6, tzinfo=UTC),
        datetime(2024, 5, 11, 0, tzinfo=UTC),
    )
    assert (asked.rows_landed, asked.first_read, asked.last_read) == (4, date(2024, 5, 10), date(2024, 5, 10))
    assert counts(again) == (4, 0, 4)
    # The daily run takes in the other 96, and the day is no different for it.
    assert erp.extract().rows_landed == 96
    assert counts(erp.extract(window=day("2024-05-10"))) == (4, 0, 4)


def test_days_in_any_order_bring_what_one_reading_of_all_brings(erp: Erp) -> None:
    starts = [date(2024, 5, 1) + timedelta(days=number) for number in range(0, 27, 3)]
    random.Random(3).shuffle(starts)
    windows = [Window(start, start + timedelta(days=2)) for start in starts]
    found = [row for window in windows for row in states(erp.extract(window=window))]

    assert sorted(found) == [(line, False) for line in range(1, 101)]
    assert erp.extract().files == []


def test_a_day_asked_for_finds_what_was_changed_and_deleted_on_it_and_nothing_else(erp: Erp) -> None:
    erp.extract()
    erp.execute(
        """
        update erp.requisitions set status = 'closed' where requisition_line_id in (20, 60);
        delete from erp.requisitions where requisition_line_id in (21, 61);
        update erp.requisitions set updated_at = '2024-05-26 12:00+00' where requisition_line_id = 22
        """
    )
    assert states(erp.extract(window=day("2024-05-06"))) == [(20, False), (21, True)]
    assert states(erp.extract(window=day("2024-05-16"))) == [(60, False), (61, True)]
    assert states(erp.extract(window=day("2024-05-26"))) == [(22, False)]


def test_the_only_row_of_a_day_may_be_deleted_but_not_all_rows_of_the_table(erp: Erp) -> None:
    erp.execute("insert into erp.requisitions (requisition_line_id, updated_at) values (900, '2024-01-15 15:00+00')")
    erp.extract()
    erp.execute("delete from erp.requisitions where requisition_line_id = 900")
    assert states(erp.extract(window=day("2024-01-15"))) == [(900, True)]
    erp.execute("delete from erp.requisitions")
    with pytest.raises(FeedContractError, match="100 of 100 rows that were there are gone"):
        erp.extract(window=day("2024-01-15"))


def test_masters_cannot_be_asked_for_a_past_day(erp: Erp) -> None:
    with pytest.raises(ValueError, match="erp/items can only be read as it stands now"):
        erp.extract(ITEMS, window=day("2024-05-10"))


def test_an_event_table_that_lost_everything_is_refused(erp: Erp) -> None:
    erp.extract()
    erp.execute("truncate erp.requisitions")

    with pytest.raises(FeedContractError, match=r"100 of 100 rows that were there are gone.*largest_loss_pct"):
        erp.extract()


def test_a_great_loss_is_refused_until_the_mapping_allows_it(erp: Erp) -> None:
    erp.execute(
        "insert into erp.requisitions (requisition_line_id, updated_at) select n, '2024-01-01' "
        "from generate_series(1001, 1200) as n"
    )
    erp.extract()
    erp.execute("delete from erp.requisitions where requisition_line_id > 1000")
    with pytest.raises(FeedContractError, match="200 of 300 rows that were there are gone"):
        erp.extract()
    erp.map()
    own = Path(erp.settings.erp_mapping)
    own.write_text(f"{own.read_text()}largest_loss_pct: 100\n")

    assert erp.extract().rows_deleted == 200


def test_tables_read_together_are_of_one_moment(erp: Erp) -> None:
    readings = extract_erp([ITEMS, REQUISITIONS], erp.settings, erp.lake, "run")
    assert next(readings).rows_landed == 2
    erp.execute("insert into erp.requisitions (requisition_line_id, updated_at) values (101, now())")

    assert next(readings).rows_landed == 100


def test_tables_that_changed_are_told_together_and_the_others_land_as_of_the_same_moment(erp: Erp) -> None:
    erp.execute("alter table erp.items drop column cost; alter table erp.requisitions rename column unit to uom")
    suppliers, receipts = (
        next(table for table in ERP_TABLES if table.table == name) for name in ("suppliers", "receipts")
    )
    erp.execute(
        "create table erp.suppliers (supplier_id text, supplier_name text, tax_id text, city text, state text, "
        "country text, promised_lead_time_days integer, is_active boolean, created_at timestamptz, "
        "updated_at timestamptz); insert into erp.suppliers (supplier_id) values ('F1'); "
        "create table erp.receipts (receipt_id bigint, purchase_order_line_id bigint, received_at timestamptz, "
        "quantity numeric(14, 3), created_at timestamptz, updated_at timestamptz); "
        "insert into erp.receipts values (1, 1, now(), 1, now(), now())"
    )

    readings = extract_erp([suppliers, ITEMS, REQUISITIONS, receipts], erp.settings, erp.lake, "run")
    assert next(readings).rows_landed == 1
    erp.execute("insert into erp.receipts values (2, 1, now(), 1, now(), now())")
    assert next(readings).rows_landed == 1
    with pytest.raises(FeedContractError) as caught:
        next(readings)

    assert "erp/items [table erp.items]: column cost is absent" in caught.value.seen
    assert "erp/requisitions [table erp.requisitions]: column unit is absent" in caught.value.seen
    assert erp.lake.datasets(ITEMS) == erp.lake.datasets(REQUISITIONS) == {}


def test_a_value_that_breaks_off_a_long_stream_keeps_no_other_table_from_landing(erp: Erp) -> None:
    """The stream is dropped with most of its rows unread."""
    erp.execute(
        "alter table erp.items alter column cost type numeric; "
        "insert into erp.items (item_id, cost) "
        "select 'X' || n, case when n = 70000 then 1e20 else 1 end from generate_series(1, 400000) as n"
    )

    readings = extract_erp([ITEMS, REQUISITIONS], erp.settings, erp.lake, "run")
    assert next(readings).table == REQUISITIONS
    with pytest.raises(FeedContractError, match="erp/items"):
        next(readings)
    assert erp.lake.datasets(ITEMS) == {}


def test_a_new_column_is_announced(erp: Erp, caplog: pytest.LogCaptureFixture) -> None:
    erp.execute("alter table erp.items add column bin text")
    with caplog.at_level(logging.INFO, "extractors.erp"):
        erp.extract(ITEMS)

    assert "erp/items: erp.items also has bin; landed beside the contract" in caplog.text


def test_a_new_column_of_an_event_table_is_landed_with_the_rows_of_the_look_back(erp: Erp) -> None:
    erp.extract()
    erp.execute("alter table erp.requisitions add column bin text default 'A1'")

    assert {row["bin"] for row in landed(erp.extract())} == {"A1"}
    assert erp.extract().files == []


def test_a_column_hidden_from_the_role_is_not_asked_for(erp: Erp) -> None:
    erp.execute("alter table erp.items add column price_agreed text default 'secret'")
    with erp.connect() as connection:
        connection.execute("revoke select on erp.items from nova_reader")
        connection.execute(f"grant select ({', '.join(ITEMS.schema.names)}) on erp.items to nova_reader".encode())

    assert "price_agreed" not in landed(erp.extract(ITEMS))[0]


def test_names_that_look_like_sql_are_only_names(erp: Erp) -> None:
    table, column, mark = 'items"; drop schema erp cascade; --', "x'); delete from erp.items; --", "D_E_L\"'{}"
    with erp.connect() as connection:
        connection.execute(sql.SQL("alter table erp.items rename to {}").format(sql.Identifier(table)))
        hostile = sql.Identifier("erp", table)
        rename = sql.SQL("alter table {} rename column item_name to {}")
        connection.execute(rename.format(hostile, sql.Identifier(column)))
        add = sql.SQL("alter table {} add column {} text default {}")
        connection.execute(add.format(hostile, sql.Identifier(mark), sql.Literal("'); --")))
    erp.map(
        items={
            "table": table,
            "columns": {"item_name": column},
            "deleted": {"column": mark, "equals": ["*", "') or true; --"]},
        }
    )

    landing = erp.extract(ITEMS)

    assert {row["item_name"] for row in landed(landing)} == {'Retificador "48 V"', "Manutenção"}


def test_rows_that_the_erp_marks_as_deleted_are_deleted(erp: Erp) -> None:
    erp.execute("alter table erp.requisitions add column d_e_l_e_t_ char(1) not null default ' '")
    erp.map(requisitions={"table": "requisitions", "deleted": {"column": "d_e_l_e_t_", "equals": "*"}})
    erp.extract()
    erp.execute("update erp.requisitions set d_e_l_e_t_ = '*' where requisition_line_id = 8")
    landing = erp.extract()
    assert states(landing) == [(8, True)]
    assert "d_e_l_e_t_" not in landed(landing)[0]
    erp.execute("update erp.requisitions set d_e_l_e_t_ = ' ' where requisition_line_id = 8")

    assert states(erp.extract()) == [(8, False)]


def test_joins_that_multiply_rows_are_refused_by_the_key(erp: Erp) -> None:
    erp.map(items={"query": "select items.* from items cross join generate_series(1, 2)"})

    with pytest.raises(FeedContractError, match=r"2 rows with the key 000123.*joins multiply rows"):
        erp.extract(ITEMS)


def test_a_query_that_names_a_lost_column_is_refused_with_postgresqls_words(erp: Erp) -> None:
    erp.map(items={"query": "select items.*, colour from items"})

    with pytest.raises(
        FeedContractError, match=r'erp/items .*column "colour" does not exist.*`tables.items` in own.yml'
    ):
        erp.extract(ITEMS)


def test_a_table_that_the_erp_does_not_hold_lands_nothing(erp: Erp) -> None:
    erp.map(items=None)

    assert counts(erp.extract(ITEMS)) == (0, 0, 0)


def test_a_row_without_its_key_is_refused(erp: Erp) -> None:
    erp.execute("alter table erp.items drop constraint items_pkey; alter table erp.items alter item_id drop not null")
    erp.execute("update erp.items set item_id = null where item_id = '000123'")

    with pytest.raises(FeedContractError, match=r"column item_id.*1 rows without a value"):
        erp.extract(ITEMS)


def test_the_view_of_the_erp_refuses_to_write_even_with_the_owners_rights(erp: Erp) -> None:
    with (
        pytest.raises(FeedUnavailable, match="cannot execute DELETE in a read-only transaction"),
        opened(erp.owner_dsn(), mappings.load("nova_corrente"), "erp") as view,
        view._connection.cursor() as cursor,
    ):
        cursor.execute("delete from erp.items")


def test_the_documented_role_reads_the_schema_and_can_write_nowhere(erp: Erp) -> None:
    script = Path(mappings.__file__).parent / "read_only_role.sql"
    psql = [program("psql"), "--no-psqlrc", "--quiet", "--set=schema=erp", "--set=role=plan reader", f"--file={script}"]
    done = subprocess.run([*psql, erp.owner_dsn()], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    try:
        with erp.connect() as connection:
            connection.execute("""alter role "plan reader" password 'pw'""")
            connection.execute("create table erp.made_later as select 1 as one")
        own = f"postgresql://plan%20reader:pw@{erp.owner_dsn().partition('@')[2]}"
        erp.settings = replace(erp.settings, erp_dsn=own)
        assert erp.extract(ITEMS).rows_landed == 2
        with psycopg.connect(own, autocommit=True) as connection:
            assert connection.execute("select one from erp.made_later").fetchone() == (1,)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute("delete from erp.items")
            connection.execute("set default_transaction_read_only = off")
            for attempt in ("delete from erp.items", "create table erp.mine ()", "create temporary table mine ()"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(attempt.encode())
    finally:
        with erp.connect() as connection:
            connection.execute('drop owned by "plan reader"')
            connection.execute('drop role "plan reader"')
