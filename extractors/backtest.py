"""Outcomes of the policy backtest: one Parquet file that `nova value` leaves, taken in whole or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from extractors.http import FeedContractError
from extractors.lake import Batch, BronzeTable, Lake, Landing
from extractors.settings import Settings

KEY = ("scenario", "seed", "policy", "knob", "window_name", "abc_class", "criticality")
FILE = "policy_outcomes.parquet"

POLICY_OUTCOMES = BronzeTable(
    source="backtest",
    table="policy_outcomes",
    schema=pa.schema(
        [
            ("seed", pa.int64()),
            ("scenario", pa.string()),
            ("policy", pa.string()),
            ("knob", pa.float64()),
            ("window_name", pa.string()),
            ("first_day_on", pa.date32()),
            ("last_day_on", pa.date32()),
            ("abc_class", pa.string()),
            ("criticality", pa.string()),
            ("series_count", pa.int64()),
            ("demand_lines_count", pa.int64()),
            ("stocked_out_lines_count", pa.int64()),
            ("demand_units", pa.int64()),
            ("backorder_days", pa.int64()),
            ("backorder_unit_days", pa.int64()),
            ("mean_inventory_brl", pa.float64()),
            ("orders_count", pa.int64()),
            ("ordered_units", pa.int64()),
            ("is_chosen", pa.bool_()),
        ]
    ),
    kind="snapshot",
    key=KEY,
)
_LABELS = (*KEY, "first_day_on", "last_day_on", "is_chosen")
_MEASURES = tuple(name for name in POLICY_OUTCOMES.schema.names if name not in _LABELS)
_RULES = {
    "every label is given": " or ".join(f"{name} is null" for name in _LABELS),
    "no measure is missing or negative": " or ".join(f"{name} is null or {name} < 0" for name in _MEASURES),
    "inventory is a finite number": "not isfinite(mean_inventory_brl)",
    "no more lines are stocked out than asked for": "stocked_out_lines_count > demand_lines_count",
    "a window ends after it begins": "last_day_on < first_day_on",
}


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land the outcomes if there are any; a platform without a backtest has none.

    Raises:
        FeedContractError: The file breaks the contract; it is in the quarantine.
    """
    del folder
    path = Path(settings.backtest_path) / FILE
    if not settings.backtest_path or not path.exists():
        return Landing(table)
    batch = Batch(FILE, settings.today, read_outcomes(path), f"file:{path.name}")
    return lake.land(table, [batch], run_id=run_id)


def read_outcomes(path: Path) -> pa.Table:
    """Read and check a file of outcomes.

    Raises:
        FeedContractError: It is no Parquet file, its columns are others, or a row is against a rule.
    """
    try:
        found = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise _refused(path, f"not a readable Parquet file ({error})") from None
    if sorted(found.column_names) != sorted(POLICY_OUTCOMES.schema.names):
        raise _refused(path, f"columns {found.column_names}")
    try:
        outcomes = found.select(POLICY_OUTCOMES.schema.names).cast(POLICY_OUTCOMES.schema)
    except pa.ArrowException as error:
        raise _refused(path, f"a column of another type ({error})") from None
    if not outcomes.num_rows:
        raise _refused(path, "no row")
    with duckdb.connect() as connection:
        connection.register("outcomes", outcomes)
        for claim, broken in _RULES.items():
            counted = connection.execute(f"select count(*) from outcomes where {broken}").fetchone()  # noqa: S608 - only the rules above
            if counted and counted[0]:
                raise _refused(path, f"not so: {claim}; {counted[0]} rows")
        twice = connection.execute(
            f"select count(*) from (select 1 from outcomes group by {', '.join(KEY)} having count(*) > 1)"  # noqa: S608 - only our own names
        ).fetchone()
        if twice and twice[0]:
            raise _refused(path, f"not so: a key appears once; {twice[0]} keys")
    return outcomes


def _refused(path: Path, seen: str) -> FeedContractError:
    fix = "run `nova value` again, or remove the file; the other pages of the report do without"
    return FeedContractError(POLICY_OUTCOMES.name, path.name, seen, fix, payload=path, name=path.name)
