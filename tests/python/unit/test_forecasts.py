"""The contract of forecast files: each rule refuses the whole file, names itself and shows rows."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.forecasts import BATCH_ROWS, ML_RESULTS, QUANTILES, RULES, UNIQUE_KEY, batches_of, extract
from extractors.http import FeedContractError
from extractors.lake import Lake
from extractors.landing import land_each
from extractors.settings import Settings

Row = dict[str, Any]
GOOD: Row = {
    "item_id": "000123",
    "location_id": "CD01",
    "origin_date": date(2026, 5, 31),
    "target_date": date(2026, 6, 30),
    "horizon_days": 30,
    "forecasted_demand": 12.5,
    "ci_lower": 4.0,
    "ci_upper": 21.0,
    **dict(zip(QUANTILES, (12.0, 17.0, 20.0, 23.0, 23.0, 29.0), strict=True)),
    "model_version": "2026.05",
    "generated_at": datetime(2026, 6, 1, 7, tzinfo=UTC),
    "source": "prophet",
    "dataset_id": "features-2026-05-31",
}

ONE_IN_THE_MORNING = datetime(2026, 5, 31, 1)  # noqa: DTZ001 - pandas writes days as times without a zone


def table_of(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=ML_RESULTS.schema)


def file_of(folder: Path, table: pa.Table, name: str = "results.parquet") -> Path:
    path = folder / name
    pq.write_table(table, path)
    return path


def read(path: Path) -> pa.Table:
    return pa.concat_tables(batch.rows for batch in batches_of(path))


def settings_of(folder: Path) -> Settings:
    return Settings.from_environment({"LAKE_ROOT": str(folder / "lake"), "FORECASTS_PATH": str(folder / "delivered")})


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    folder = tmp_path / "delivered"
    folder.mkdir()
    return folder


def test_a_good_file_gives_its_rows_as_they_were(tmp_path: Path) -> None:
    late = GOOD | {"item_id": "000124", "origin_date": date(2026, 4, 30), "horizon_days": 61}
    batches = list(batches_of(file_of(tmp_path, table_of(GOOD, late))))

    assert [batch.day for batch in batches] == [date(2026, 4, 1), date(2026, 5, 1)]
    assert pa.concat_tables(batch.rows for batch in batches).to_pylist() == [late, GOOD]
    assert {batch.source_uri for batch in batches} == {"file:results.parquet"}


BREAKING: dict[str, Row] = {
    "item and location are named": {"location_id": " "},
    "provenance is complete": {"model_version": None},
    "the source 'challenger' is the warehouse's own": {"source": "Challenger"},
    "dates are given and plausible": {"target_date": None},
    "the origin lies before the target": {"target_date": date(2026, 5, 31), "horizon_days": 0},
    "the horizon is the days from origin to target": {"horizon_days": 29},
    "the forecast was generated on or after its last training day": {
        "generated_at": datetime(2026, 5, 31, 2, 59, tzinfo=UTC)
    },
    "quantities are finite numbers": {"ci_upper": float("nan")},
    "no quantity is negative": {"ci_lower": -0.001},
    "quantiles do not fall as their level rises": {"q98": 22.999},
    "the interval holds the forecast": {"ci_upper": 12.499},
}


def test_every_rule_has_a_row_that_breaks_it() -> None:
    assert [rule.claim for rule in RULES] == list(BREAKING)


@pytest.mark.parametrize("claim", BREAKING)
def test_one_row_against_a_rule_refuses_the_file_and_names_rule_and_row(tmp_path: Path, claim: str) -> None:
    bad = GOOD | {"item_id": "000777"} | BREAKING[claim]

    with pytest.raises(FeedContractError) as caught:
        read(file_of(tmp_path, table_of(GOOD, bad)))

    assert f"not so: {claim}; 1 rows, such as 000777" in caught.value.seen
    assert caught.value.window == "results.parquet"


@pytest.mark.parametrize("column", ["model_version", "source", "dataset_id", "generated_at"])
def test_every_row_carries_all_of_its_provenance(tmp_path: Path, column: str) -> None:
    with pytest.raises(FeedContractError, match="provenance is complete"):
        read(file_of(tmp_path, table_of(GOOD | {column: None})))


@pytest.mark.parametrize("column", ["forecasted_demand", "ci_lower", "ci_upper", *QUANTILES])
@pytest.mark.parametrize(
    ("value", "claim"),
    [
        (None, "quantities are finite"),
        (float("inf"), "quantities are finite"),
        (-1e-9, "no quantity is negative"),
        (float("-inf"), "no quantity is negative"),
    ],
)
def test_every_quantity_is_finite_and_not_negative(
    tmp_path: Path, column: str, value: float | None, claim: str
) -> None:
    with pytest.raises(FeedContractError, match=claim):
        read(file_of(tmp_path, table_of(GOOD | {column: value})))


def test_limits_of_the_rules_are_inside_the_contract(tmp_path: Path) -> None:
    edge = GOOD | {
        "target_date": date(2026, 6, 1),
        "horizon_days": 1,
        "generated_at": datetime(2026, 5, 31, 3, tzinfo=UTC),  # the first moment of the last training day in Bahia
        **dict.fromkeys(("forecasted_demand", "ci_lower", "ci_upper", *QUANTILES), 0.0),
    }
    assert read(file_of(tmp_path, table_of(edge))).to_pylist() == [edge]


def test_a_key_that_appears_twice_refuses_the_file(tmp_path: Path) -> None:
    again = GOOD | {"forecasted_demand": 13.0}
    with pytest.raises(FeedContractError, match=f"not so: {UNIQUE_KEY}; 1 rows, such as 000123 CD01 2026-05-31"):
        read(file_of(tmp_path, table_of(GOOD, again)))


@pytest.mark.parametrize("other", [{"model_version": "2"}, {"source": "lstm"}, {"target_date": date(2026, 7, 1)}])
def test_models_versions_and_targets_stand_beside_each_other(tmp_path: Path, other: Row) -> None:
    row = GOOD | other
    row["horizon_days"] = (row["target_date"] - row["origin_date"]).days
    assert read(file_of(tmp_path, table_of(GOOD, row))).num_rows == 2


def retyped(column: str, kind: pa.DataType) -> pa.Table:
    table = table_of(GOOD)
    place = table.schema.get_field_index(column)
    return table.set_column(place, column, table.column(column).cast(kind))


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("item_id", pa.large_string()),
        ("source", pa.dictionary(pa.int32(), pa.string())),
        ("origin_date", pa.timestamp("ns")),
        ("target_date", pa.date64()),
        ("horizon_days", pa.int64()),
        ("forecasted_demand", pa.decimal128(18, 3)),
        ("q95", pa.float32()),
        ("q99", pa.int64()),
        ("generated_at", pa.timestamp("ns", tz="America/Bahia")),
        ("generated_at", pa.timestamp("ms")),
    ],
)
def test_the_types_that_other_writers_use_are_read_without_loss(tmp_path: Path, column: str, kind: pa.DataType) -> None:
    assert read(file_of(tmp_path, retyped(column, kind))).to_pylist() == [GOOD]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (table_of(GOOD).drop_columns(["q98"]), r"columns missing: \['q98'\]"),
        (table_of(GOOD).append_column("note", pa.array(["x"])), r"columns unknown: \['note'\]"),
        (table_of(GOOD).append_column("q50", pa.array([1.0])), r"columns repeated: \['q50'\]"),
        (retyped("horizon_days", pa.float64()), "column horizon_days is double, not an integer"),
        (retyped("q50", pa.string()), "column q50 is string, not a number"),
        (retyped("generated_at", pa.int64()), "column generated_at is int64, not a timestamp"),
        (table_of(), "no row"),
        (
            table_of(GOOD).set_column(2, "origin_date", pa.array([ONE_IN_THE_MORNING], pa.timestamp("us"))),
            "column origin_date has a time of day where a date is due",
        ),
        (
            table_of(GOOD).set_column(4, "horizon_days", pa.array([2**40])),
            "column horizon_days has a value that is no an integer",
        ),
    ],
)
def test_another_layout_is_refused_by_name(tmp_path: Path, table: pa.Table, message: str) -> None:
    with pytest.raises(FeedContractError, match=message):
        read(file_of(tmp_path, table))


def test_a_broken_file_goes_whole_to_the_quarantine_and_the_good_ones_land(tmp_path: Path, delivered: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    bad = file_of(delivered, table_of(GOOD, GOOD | {"item_id": "000777", "q50": -1.0}), "a_broken.parquet")
    file_of(delivered, table_of(GOOD), "b_good.parquet")

    with pytest.raises(FeedContractError, match=r"a_broken\.parquet: not so: no quantity is negative") as caught:
        extract(ML_RESULTS, settings_of(tmp_path), lake, "r1", tmp_path)

    (kept,) = (tmp_path / "lake" / "quarantine" / "forecasts" / "ml_results").glob("*.parquet")
    assert str(kept) in str(caught.value)
    assert kept.read_bytes() == bad.read_bytes()
    assert "000777" in json.loads(Path(f"{kept}.reason.json").read_text())["reason"]
    assert lake.dataset(ML_RESULTS, ML_RESULTS.schema).to_table().to_pylist() == [GOOD]


def test_what_was_delivered_lands_once_and_a_correction_becomes_a_vintage(tmp_path: Path, delivered: Path) -> None:
    lake, environment = Lake(str(tmp_path / "lake")), settings_of(tmp_path)
    path = file_of(delivered, table_of(GOOD))
    file_of(delivered, table_of(GOOD | {"q99": -1.0}), ".being_written.parquet")

    def landed(run_id: str) -> tuple[int, int, int]:
        landing = extract(ML_RESULTS, environment, lake, run_id, tmp_path)
        return landing.rows_read, landing.rows_landed, landing.rows_unchanged

    assert landed("r1") == (1, 1, 0)
    assert landed("r2") == (1, 0, 1)
    file_of(delivered, table_of(GOOD | {"q99": 30.0}))
    assert landed("r3") == (1, 1, 0)
    path.unlink()
    assert landed("r4") == (0, 0, 0)


def test_without_a_folder_there_are_no_forecasts(tmp_path: Path) -> None:
    landing = extract(ML_RESULTS, settings_of(tmp_path), Lake(str(tmp_path / "lake")), "r1", tmp_path)
    assert (landing.rows_read, landing.files) == (0, [])


def test_files_are_landed_by_hand_through_the_same_door(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    files = [file_of(tmp_path, table_of(GOOD | {"source": ""}), "a.parquet"), file_of(tmp_path, table_of(GOOD))]

    refused, good = land_each("forecasts", files, lake, "r1")

    assert "provenance is complete" in str(refused.error)
    assert [landing.rows_landed for landing in good.landings] == [1]


def test_a_file_of_many_batches_is_checked_as_one(tmp_path: Path) -> None:
    count = BATCH_ROWS + 1
    table = table_of(GOOD).take(pa.array([0] * count))
    table = table.set_column(0, "item_id", pa.array([f"{number:06}" for number in range(count)]))
    assert [batch.rows.num_rows for batch in batches_of(file_of(tmp_path, table))] == [BATCH_ROWS, 1]

    twice = pa.concat_tables([table, table.slice(0, 1)])
    with pytest.raises(FeedContractError, match=UNIQUE_KEY):
        read(file_of(tmp_path, twice))


def rows_or_refusal(path: Path) -> None:
    try:
        rows = read(path)
    except FeedContractError as error:
        assert error.payload == path
        return
    assert rows.schema == ML_RESULTS.schema
    assert rows.num_rows


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda body: b"PAR1" + body + b"PAR1")))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_rows_or_are_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "any.parquet"
    path.write_bytes(body)
    rows_or_refusal(path)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_good_file_with_any_byte_changed_gives_rows_or_is_refused(tmp_path: Path, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    pq.write_table(table_of(GOOD), buffer)
    body = bytearray(buffer.getvalue())
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=3)):
        body[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed.parquet"
    path.write_bytes(bytes(body))
    rows_or_refusal(path)


def _values(kind: pa.DataType) -> st.SearchStrategy[Any]:
    makers: list[tuple[Callable[[pa.DataType], bool], st.SearchStrategy[Any]]] = [
        (pa.types.is_string, st.text(st.characters(codec="utf-8"), max_size=8)),
        (pa.types.is_date, st.dates()),
        (pa.types.is_integer, st.integers(-(2**31), 2**31 - 1)),
        (pa.types.is_floating, st.floats()),
        (pa.types.is_timestamp, st.datetimes(timezones=st.just(UTC))),
    ]
    own = next(strategy for is_kind, strategy in makers if is_kind(kind))
    return st.one_of(st.none(), own)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_values_in_the_columns_give_rows_or_are_refused(tmp_path: Path, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(ML_RESULTS.schema.names), unique=True, min_size=1, max_size=4))
    row = GOOD | {name: data.draw(_values(ML_RESULTS.schema.field(name).type)) for name in names}
    rows_or_refusal(file_of(tmp_path, table_of(row), "values.parquet"))
