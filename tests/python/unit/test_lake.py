"""The bronze writer: vintages, hashes, atomic files, contracts and quarantine."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from extractors.http import FeedContractError
from extractors.lake import METADATA, Batch, BronzeTable, Lake, optional

SERIES = BronzeTable(
    source="bank",
    table="series",
    schema=pa.schema([("day", pa.string()), ("value", pa.string()), optional("note")]),
    kind="month",
    key=("day",),
)
STOCK = BronzeTable(
    source="erp",
    table="stock",
    schema=pa.schema(
        [("item_id", pa.string()), ("quantity", pa.decimal128(14, 3)), ("seen_at", pa.timestamp("us", "UTC"))]
    ),
    kind="snapshot",
    key=("item_id",),
)
MAY = date(2024, 5, 17)
JUNE = date(2024, 6, 3)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def rows(**columns: list[str | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def batch(*values: str, dataset_id: str = "a", day: date = MAY) -> Batch:
    return Batch(dataset_id, day, rows(day=[str(n) for n in range(len(values))], value=list(values)), "http://x/1")


def files_of(lake: Lake, table: BronzeTable) -> list[Path]:
    root = Path(lake._root) / "bronze" / table.source / table.table
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_a_landing_writes_one_file_per_month_with_the_source_columns_and_ours(lake: Lake) -> None:
    moment = datetime(2024, 7, 1, 5, 6, 7, 89, tzinfo=UTC)

    landing = lake.land(SERIES, [batch("1", "2"), batch("3", day=JUNE)], run_id="run-1", extracted_at=moment)

    assert [file.split("series/")[1] for file in landing.files] == [
        "year=2024/month=05/day=01/20240701T050607000089Z.parquet",
        "year=2024/month=06/day=01/20240701T050607000089Z.parquet",
    ]
    assert (landing.rows_read, landing.rows_landed, landing.rows_unchanged) == (3, 3, 0)
    assert (landing.first_day, landing.last_day) == (date(2024, 5, 1), date(2024, 6, 1))
    table = pq.read_table(landing.files[0], partitioning=None)
    assert table.column_names == ["day", "value", "note", *METADATA.names]
    assert table.column("value").to_pylist() == ["1", "2"]
    assert table.to_pylist()[0] | {"_content_hash": ""} == {
        "day": "0",
        "value": "1",
        "note": None,
        "_source": "bank",
        "_dataset_id": "a",
        "_extracted_at": moment,
        "_run_id": "run-1",
        "_source_uri": "http://x/1",
        "_content_hash": "",
        "_schema_version": 1,
    }
    assert pq.ParquetFile(landing.files[0]).metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_same_content_again_writes_nothing(lake: Lake) -> None:
    lake.land(SERIES, [batch("1", "2")], run_id="run-1")

    again = lake.land(SERIES, [batch("1", "2")], run_id="run-2")

    assert (again.rows_read, again.rows_landed, again.rows_unchanged, again.files) == (2, 0, 2, [])
    assert again.first_day is None
    assert len(files_of(lake, SERIES)) == 1


def test_order_chunks_and_batches_do_not_make_a_new_vintage(lake: Lake) -> None:
    both = rows(day=["1", "2"], value=["x", None])
    lake.land(SERIES, [Batch("a", MAY, both, "u")], run_id="run-1")
    turned = both.take([1, 0])

    again = lake.land(
        SERIES, [Batch("a", MAY, turned.slice(0, 1), "u"), Batch("a", MAY, turned.slice(1), "v")], run_id="r"
    )

    assert again.files == []


@pytest.mark.parametrize(
    "changed",
    [
        rows(day=["1", "2"], value=["x", ""]),
        rows(day=["1", "2"], value=["x", "y"]),
        rows(day=["1"], value=["x"]),
        rows(day=["1", "2", "2"], value=["x", None, None]),
        rows(day=["1", "2"], value=["x", None], note=["n", None]),
        rows(day=["1", "2"], value=["x", None], extra=[None, None]),
    ],
    ids=["null to empty", "value", "row gone", "row doubled", "optional column", "new column"],
)
def test_any_change_of_content_adds_a_vintage_and_keeps_the_old_one(lake: Lake, changed: pa.Table) -> None:
    first = lake.land(SERIES, [Batch("a", MAY, rows(day=["1", "2"], value=["x", None]), "u")], run_id="run-1")

    second = lake.land(SERIES, [Batch("a", MAY, changed, "u")], run_id="run-2")

    assert files_of(lake, SERIES) == sorted(map(Path, first.files + second.files))
    assert len(second.files) == 1


def test_a_value_that_returns_to_an_older_one_is_a_new_vintage(lake: Lake) -> None:
    for value in ("1", "2", "1"):
        lake.land(SERIES, [batch(value)], run_id="run")

    assert len(files_of(lake, SERIES)) == 3


def test_only_the_datasets_that_changed_are_written_to_a_shared_file(lake: Lake) -> None:
    lake.land(SERIES, [batch("1"), batch("1", dataset_id="b")], run_id="run-1")

    second = lake.land(SERIES, [batch("1"), batch("2", dataset_id="b"), batch("9", dataset_id="c")], run_id="run-2")
    third = lake.land(SERIES, [batch("1"), batch("2", dataset_id="b"), batch("9", dataset_id="c")], run_id="run-3")

    assert pq.read_table(second.files[0], partitioning=None).column("_dataset_id").to_pylist() == ["b", "c"]
    assert (second.rows_landed, second.rows_unchanged) == (2, 1)
    assert third.files == []
    assert lake.datasets(SERIES) == dict.fromkeys("abc", (date(2024, 5, 1), date(2024, 5, 1)))


def test_a_stream_of_many_batches_lands_as_one_file_with_large_row_groups(lake: Lake) -> None:
    def stream() -> Iterator[Batch]:
        for number in range(60):
            yield Batch("a", MAY, rows(day=[f"{number}-{n}" for n in range(5000)], value=["v"] * 5000), "u")

    landing = lake.land(SERIES, stream(), run_id="run")

    assert landing.rows_landed == 300_000
    metadata = pq.read_metadata(landing.files[0])
    assert metadata.num_rows == 300_000
    assert metadata.num_row_groups == 3
    assert (
        len(pq.read_table(landing.files[0], columns=["_content_hash"], partitioning=None)["_content_hash"].unique())
        == 1
    )


def test_keys_and_moments_are_stored_as_differences_and_texts_by_dictionary(lake: Lake) -> None:
    table = BronzeTable(
        "erp",
        "moves",
        pa.schema([("id", pa.int64()), ("Status.state", pa.string()), ("moved_at", pa.timestamp("us", tz="UTC"))]),
        "changes",
        ("id",),
    )
    rows = pa.table(
        [range(5000), ["open"] * 5000, [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(5000)]],
        schema=table.schema,
    )

    landing = lake.land(table, [Batch("erp.moves", date(2024, 1, 1), rows, "u")], run_id="r")

    group = pq.read_metadata(landing.files[0]).row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    encodings = {column.path_in_schema: column.encodings for column in columns}
    assert {name for name, used in encodings.items() if "DELTA_BINARY_PACKED" in used} == {
        "id",
        "moved_at",
        "_extracted_at",
    }
    assert {name for name, used in encodings.items() if "RLE_DICTIONARY" in used} >= {"Status.state", "_run_id"}
    read = duckdb.sql(f"select count(distinct id), max(moved_at) from read_parquet('{landing.files[0]}')").fetchone()
    assert read is not None
    assert (read[0], read[1]) == (5000, rows["moved_at"][-1].as_py())


def test_a_source_that_fails_half_way_leaves_the_lake_as_it_was(lake: Lake) -> None:
    def stream() -> Iterator[Batch]:
        yield batch("1")
        raise FeedContractError("bank/series", "w", "rubbish", "look")

    with pytest.raises(FeedContractError):
        lake.land(SERIES, stream(), run_id="run")

    assert files_of(lake, SERIES) == []


def test_a_write_that_fails_leaves_neither_file_nor_temporary_file(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        lake.land(SERIES, [batch("1")], run_id="run")

    assert files_of(lake, SERIES) == []


def test_what_a_killed_run_left_is_not_read_and_is_removed_after_a_day(lake: Lake) -> None:
    landing = lake.land(SERIES, [batch("1")], run_id="run")
    folder = Path(landing.files[0]).parent
    young, stale = folder / ".20240101T000000000000Z.parquet.1.tmp", folder / ".20240102T000000000000Z.parquet.1.tmp"
    for path in (young, stale):
        path.write_bytes(b"PAR1 half")
    os.utime(stale, (time.time() - 90_000,) * 2)

    assert lake.land(SERIES, [batch("1")], run_id="run").files == []
    assert young.exists()
    assert not stale.exists()
    assert duckdb.sql(
        f"select count(*) from read_parquet('{lake._root}/bronze/bank/series/**/*.parquet')"
    ).fetchone() == (1,)


def test_a_vintage_is_never_overwritten(lake: Lake) -> None:
    moment = datetime(2024, 7, 1, tzinfo=UTC)
    lake.land(SERIES, [batch("1")], run_id="run", extracted_at=moment)

    with pytest.raises(FileExistsError):
        lake.land(SERIES, [batch("2")], run_id="run", extracted_at=moment)


def test_a_missing_column_is_refused_and_named(lake: Lake) -> None:
    with pytest.raises(
        FeedContractError, match=r"bank/series .*columns missing: \['value'\]; columns seen: \['day', 'valor'\]"
    ):
        lake.land(SERIES, [Batch("a", MAY, rows(day=["1"], valor=["2"]), "u")], run_id="run")


def test_a_column_of_another_type_is_refused_and_named(lake: Lake) -> None:
    with pytest.raises(FeedContractError, match="column value has type int64, expected string"):
        lake.land(SERIES, [Batch("a", MAY, pa.table({"day": ["1"], "value": [2]}), "u")], run_id="run")


def test_a_source_column_with_a_name_of_ours_is_refused(lake: Lake) -> None:
    with pytest.raises(FeedContractError, match="_run_id"):
        lake.land(SERIES, [Batch("a", MAY, rows(day=["1"], value=["2"], _run_id=["3"]), "u")], run_id="run")


def test_extra_columns_of_one_dataset_are_null_in_its_neighbours(lake: Lake) -> None:
    extra = Batch("b", MAY, rows(day=["1"], value=["2"], station=["s"]), "u")

    landing = lake.land(SERIES, [batch("1"), extra], run_id="run")

    assert pq.read_table(landing.files[0], partitioning=None).column("station").to_pylist() == [None, "s"]


def test_types_of_the_erp_survive_and_take_part_in_the_hash(lake: Lake) -> None:
    def snapshot(moment: datetime) -> pa.Table:
        return pa.table(
            {"item_id": ["007"], "quantity": ["1.500"], "seen_at": pa.array([moment], pa.timestamp("us", "UTC"))}
        ).cast(STOCK.schema)

    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    landing = lake.land(STOCK, [Batch("erp.stock", MAY, snapshot(noon), "u")], run_id="run")
    same = lake.land(STOCK, [Batch("erp.stock", MAY, snapshot(noon), "u")], run_id="run")
    moved = lake.land(STOCK, [Batch("erp.stock", MAY, snapshot(noon.replace(microsecond=1)), "u")], run_id="run")

    assert pq.read_schema(landing.files[0]).field("quantity").type == pa.decimal128(14, 3)
    assert (len(same.files), len(moved.files)) == (0, 1)
    assert lake.greatest(STOCK, "seen_at") == noon.replace(microsecond=1)


def test_a_snapshot_of_another_day_is_written_even_if_nothing_changed(lake: Lake) -> None:
    lake.land(SERIES, [batch("1")], run_id="run")
    daily = BronzeTable("bank", "daily", SERIES.schema, "snapshot", ("day",))
    lake.land(daily, [batch("1", day=MAY)], run_id="run")

    assert len(lake.land(daily, [batch("1", day=JUNE)], run_id="run").files) == 1


def test_a_source_without_data_reads_as_empty(lake: Lake) -> None:
    lake.ensure_contracts([SERIES, STOCK])
    written = {path: path.stat().st_mtime_ns for path in files_of(lake, SERIES)}
    lake.ensure_contracts([SERIES, STOCK])

    assert {path: path.stat().st_mtime_ns for path in files_of(lake, SERIES)} == written
    assert [path.relative_to(Path(lake._root)).as_posix() for path in written] == [
        "bronze/bank/series/year=1970/month=01/day=01/contract.parquet"
    ]
    glob = f"{lake._root}/bronze/erp/stock/**/*.parquet"
    read = duckdb.sql(f"select * from read_parquet('{glob}', hive_partitioning=true, union_by_name=true)")
    assert read.fetchall() == []
    assert set(read.columns) >= {"item_id", "quantity", "_extracted_at", "year"}
    assert lake.datasets(STOCK) == {}


def test_a_contract_that_grew_replaces_its_zero_row_file(lake: Lake) -> None:
    lake.ensure_contracts([SERIES])
    lake.ensure_contracts(
        [BronzeTable("bank", "series", SERIES.schema.append(pa.field("unit", pa.string())), "month", ("day",))]
    )

    assert "unit" in pq.read_schema(files_of(lake, SERIES)[0]).names


@pytest.mark.parametrize("as_file", [True, False])
def test_quarantine_keeps_the_payload_with_the_reason_beside_it(lake: Lake, tmp_path: Path, as_file: bool) -> None:
    payload = b"<html>\xff not data"
    (tmp_path / "reply").write_bytes(payload)

    place = lake.quarantine(
        "inmet", "observations", "A401 2024/01?.json", tmp_path / "reply" if as_file else payload, "HTML"
    )
    again = lake.quarantine("inmet", "observations", "A401 2024/01?.json", payload, "HTML")

    assert place == again
    assert Path(place).parent == Path(lake._root) / "quarantine" / "inmet" / "observations"
    assert Path(place).read_bytes() == payload
    assert json.loads(Path(f"{place}.reason.json").read_text())["reason"] == "HTML"


def test_an_error_with_a_payload_tells_where_the_payload_is_kept(lake: Lake) -> None:
    with pytest.raises(FeedContractError) as caught, lake.quarantining(SERIES):
        raise FeedContractError("bank/series", "w", "rubbish", "look", payload=b"rubbish", name="r.json")

    kept = str(caught.value).split("The payload is kept in ")[1].rstrip(".")
    assert Path(kept).read_bytes() == b"rubbish"


def test_the_root_must_be_absolute() -> None:
    with pytest.raises(ValueError, match="absolute"):
        Lake("data/lake")


def test_a_remote_lake_works_the_same_way() -> None:
    lake = Lake("mock:///bucket")
    for folder in ("year=1970/month=01/day=01", "year=2024/month=05/day=01"):  # object stores have no folders
        lake._filesystem.create_dir(f"bucket/bronze/bank/series/{folder}")
    lake._filesystem.create_dir("bucket/quarantine/bank/series")
    lake.ensure_contracts([SERIES])

    first = lake.land(SERIES, [batch("1")], run_id="run")
    second = lake.land(SERIES, [batch("1")], run_id="run")

    assert len(first.files) == 1
    assert second.files == []
    assert lake.datasets(SERIES) == {"a": (date(2024, 5, 1), date(2024, 5, 1))}
    assert lake.quarantine("bank", "series", "x", b"y", "z")
