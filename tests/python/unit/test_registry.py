"""The schema registry: the contract of every table, and what sources added to it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from extractors.catalog import TABLES
from extractors.http import FeedContractError
from extractors.lake import Batch, BronzeTable, Lake, Landing

MONDAY, TUESDAY = datetime(2026, 6, 15, 5, tzinfo=UTC), datetime(2026, 6, 16, 5, tzinfo=UTC)
TABLE = BronzeTable("erp", "items", pa.schema([("item_id", pa.string())]), "snapshot", ("item_id",), schema_version=3)


def land(lake: Lake, moment: datetime, **columns: list[object]) -> Landing:
    batch = Batch("items", moment.date(), pa.table(columns), "test")
    return lake.land(TABLE, [batch], run_id="r", extracted_at=moment)


def test_every_bronze_table_is_in_it_with_columns_types_and_version(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    lake.ensure_contracts(TABLES)
    schemas = lake.schemas()
    assert set(schemas) == {table.name for table in TABLES}
    for table in TABLES:
        entry = schemas[table.name]
        assert entry["columns"] == {column.name: str(column.type) for column in table.schema}
        assert entry["schema_version"] == table.schema_version


def test_a_new_column_is_taken_in_and_announced_once(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    first = land(lake, MONDAY, item_id=["1"], colour=["red"])
    second = land(lake, TUESDAY, item_id=["1", "2"], colour=["red", "blue"])
    assert first.remarks == ["new column colour, landed beside the contract"]
    assert second.remarks == []
    assert second.rows_landed == 2
    entry = lake.schemas()["erp/items"]
    assert entry["added_columns"] == {"colour": {"type": "string", "first_seen_on": "2026-06-15"}}
    assert (entry["columns"], entry["schema_version"]) == ({"item_id": "string"}, 3)


def test_an_added_column_of_another_type_stops_the_feed_and_says_so(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    land(lake, MONDAY, item_id=["1"], weight=["2"])
    with pytest.raises(FeedContractError, match="weight was string and is double now"):
        land(lake, TUESDAY, item_id=["1"], weight=[2.5])
    assert not list((tmp_path / "bronze").rglob("day=16"))


@pytest.mark.parametrize(
    ("columns", "seen"),
    [({"colour": ["red"]}, "item_id"), ({"item_id": [1]}, "type int64, expected string")],
)
def test_a_contract_column_that_is_gone_or_retyped_stops_the_feed(
    tmp_path: Path, columns: dict[str, list[object]], seen: str
) -> None:
    lake = Lake(str(tmp_path))
    with pytest.raises(FeedContractError, match="erp/items") as refused:
        land(lake, MONDAY, **columns)
    assert seen in str(refused.value)
    assert lake.schemas() == {}


def test_a_column_that_the_contract_took_over_is_no_longer_an_added_one(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    land(lake, MONDAY, item_id=["1"], colour=["red"])
    taken = BronzeTable("erp", "items", TABLE.schema.append(pa.field("colour", pa.string())), "snapshot", ("item_id",))
    lake.ensure_contracts([taken])
    assert lake.schemas()["erp/items"]["added_columns"] == {}
