"""Forecasts from outside: Parquet files of model results, taken in whole or not at all.

Models are trained elsewhere. What they deliver is one row per item, stocking location, origin, target and model: the
demand of the days after the origin up to and including the target, with an interval, quantiles and provenance. Every
rule of the contract stands in `RULES`; a file with one row against one of them is refused, with the rule, the number of
rows and examples. Whether a forecast is good enough to be used is decided downstream, never here.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.http import FeedContractError
from extractors.lake import Batch, BronzeTable, Lake, Landing
from extractors.settings import Settings

logger = logging.getLogger(__name__)

KEY = ("item_id", "location_id", "origin_date", "target_date", "source", "model_version")
QUANTILES = ("q50", "q80", "q90", "q95", "q98", "q99")
UNITS = ("forecasted_demand", "ci_lower", "ci_upper", *QUANTILES)
# The source under which the warehouse's own forecast appears; a file that used it would pass for the judge.
OWN_SOURCE = "challenger"

ML_RESULTS = BronzeTable(
    source="forecasts",
    table="ml_results",
    schema=pa.schema(
        [
            ("item_id", pa.string()),
            ("location_id", pa.string()),
            ("origin_date", pa.date32()),
            ("target_date", pa.date32()),
            ("horizon_days", pa.int32()),
            *((name, pa.float64()) for name in UNITS),
            ("model_version", pa.string()),
            ("generated_at", pa.timestamp("us", tz="UTC")),
            ("source", pa.string()),
            ("dataset_id", pa.string()),
        ]
    ),
    kind="month",
    key=KEY,
)

BATCH_ROWS = 65_536
MEMORY_LIMIT = "512MB"
MOST_UNITS = 1e12  # more than any part: what lies above has lost its unit
EXAMPLES = 3
FIX_IT = "let the producer deliver a corrected file, or take this one out of the folder; planning goes on without it"


@dataclass(frozen=True)
class Rule:
    """One rule of the contract: its claim, and the SQL that finds rows against it."""

    claim: str
    broken: str


def _any(columns: tuple[str, ...], condition: str) -> str:
    return " or ".join(condition.format(column) for column in columns)


RULES = (
    Rule("item and location are named", _any(("item_id", "location_id"), "coalesce(trim({}), '') = ''")),
    Rule(
        "provenance is complete",
        _any(("model_version", "source", "dataset_id"), "coalesce(trim({}), '') = ''") + " or generated_at is null",
    ),
    Rule(f"the source {OWN_SOURCE!r} is the warehouse's own", f"lower(trim(source)) = '{OWN_SOURCE}'"),
    Rule(
        "dates are given and plausible",
        _any(("origin_date", "target_date"), "{0} is null or {0} not between date '2000-01-01' and date '2100-12-31'"),
    ),
    Rule("the origin lies before the target", "origin_date >= target_date"),
    Rule("the horizon is the days from origin to target", "horizon_days is distinct from target_date - origin_date"),
    Rule(
        "the forecast was generated on or after its last training day",
        "(generated_at at time zone 'America/Bahia')::date < origin_date",
    ),
    # NaN sorts above infinity, so one comparison finds NaN, infinity and what lost its unit
    Rule("quantities are finite numbers", _any(UNITS, f"{{0}} is null or {{0}} > {MOST_UNITS}")),
    Rule("no quantity is negative", _any(UNITS, "{} < 0")),
    Rule(
        "quantiles do not fall as their level rises",
        " or ".join(f"{low} > {high}" for low, high in itertools.pairwise(QUANTILES)),
    ),
    Rule("the interval holds the forecast", "ci_lower > forecasted_demand or forecasted_demand > ci_upper"),
)
UNIQUE_KEY = "a key appears once"

_Is = Callable[[pa.DataType], bool]


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_day(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


_READABLE: dict[pa.DataType, tuple[str, _Is]] = {
    pa.string(): ("text", _is_text),
    pa.date32(): ("a date", _is_day),
    pa.int32(): ("an integer", pa.types.is_integer),
    pa.float64(): ("a number", _is_number),
    pa.timestamp("us", tz="UTC"): ("a timestamp", pa.types.is_timestamp),
}


def batches_of(path: Path) -> Iterator[Batch]:
    """Check a file against the whole contract, then give its rows by month of the origin.

    Memory is bounded: rows pass in batches, and DuckDB keeps what does not fit in files.

    Args:
        path: The Parquet file.

    Raises:
        FeedContractError: It is no Parquet file, a column is missing, unknown or of another type, or a row is
            against a rule. Nothing was given before that.
    """
    name = dataset_id(path)
    with (
        tempfile.TemporaryDirectory(prefix="nova-forecasts-") as folder,
        duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": folder, "threads": 1}) as reader,
    ):
        checked = Path(folder) / "checked.parquet"
        _write_conformed(path, checked)
        reader.execute("set timezone = 'UTC'")
        try:
            reader.read_parquet(str(checked), hive_partitioning=False).create_view("forecasts")
            broken = list(_broken_rules(reader))
        except duckdb.Error as error:
            raise _refused(path, f"rows that cannot be read ({error})") from None
        if broken:
            raise _refused(path, "; ".join(broken))
        months = "select distinct date_trunc('month', origin_date)::date as month from forecasts order by month"
        for (month,) in reader.execute(months).fetchall():
            rows = reader.execute("select * from forecasts where date_trunc('month', origin_date) = ?", [month])
            for batch in rows.to_arrow_reader(BATCH_ROWS):
                yield Batch(name, month, pa.Table.from_batches([batch]), f"file:{path.name}")


def dataset_id(path: Path) -> str:
    """Identity of a delivery: what is in the file, whatever its name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land the files of the folder that are not in the lake yet; files that break a rule are left out and named.

    A folder that does not exist holds no forecast: planning does without.

    Raises:
        FeedContractError: Files are refused; they are in the quarantine, and all others have landed.
    """
    total = Landing(table)
    refused: list[FeedContractError] = []
    known = lake.datasets(table)
    del folder
    for path in delivered_files(settings.forecasts_path):
        if dataset_id(path) in known:
            total.rows_unchanged += pq.read_metadata(path).num_rows
            total.rows_read += pq.read_metadata(path).num_rows
            continue
        try:
            with lake.quarantining(table):
                landing = lake.land(table, batches_of(path), run_id=run_id)
        except FeedContractError as error:
            logger.warning("%s", error)
            refused.append(error)
            continue
        _add(total, landing)
    if refused:
        raise FeedContractError(
            table.name,
            ", ".join(error.window for error in refused),
            "; ".join(f"{error.window}: {error.seen} (kept in {error.kept_at})" for error in refused),
            FIX_IT,
        )
    return total


def delivered_files(folder: str) -> list[Path]:
    """Parquet files below a folder, in the order of their paths; hidden and temporary ones are still being written."""
    if not folder:
        return []
    root = Path(folder)
    return sorted(
        path
        for path in root.rglob("*.parquet")
        if path.is_file() and not any(part.startswith((".", "_")) for part in path.relative_to(root).parts)
    )


def _write_conformed(path: Path, target: Path) -> None:
    """Copy a file in the contract's columns and types."""
    schema = ML_RESULTS.schema
    try:
        # Without statistics: they leave NaN out, and DuckDB would skip the rows that the rules look for.
        with (
            pq.ParquetFile(path) as source,
            pq.ParquetWriter(target, schema, compression="lz4", write_statistics=False) as out,
        ):
            _check_columns(path, source.schema_arrow)
            if source.metadata.num_rows == 0:
                raise _refused(path, "no row")
            written = 0
            for batch in source.iter_batches(BATCH_ROWS):
                columns = [_cast(path, column.name, batch.column(column.name), column.type) for column in schema]
                out.write_table(pa.table(columns, schema=schema))
                written += batch.num_rows
            if written != source.metadata.num_rows:
                raise _refused(path, f"{written} rows where the footer promises {source.metadata.num_rows}")
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _refused(path, f"not a readable Parquet file ({error})") from None


def _check_columns(path: Path, found: pa.Schema) -> None:
    schema = ML_RESULTS.schema
    problems = {
        "missing": [name for name in schema.names if name not in found.names],
        "unknown": [name for name in found.names if name not in schema.names],
        "repeated": sorted({name for name in found.names if found.names.count(name) > 1}),
    }
    told = [f"columns {problem}: {names}" for problem, names in problems.items() if names]
    if not told:
        for column in schema:
            kind = found.field(column.name).type
            words, is_readable = _READABLE[column.type]
            if not (is_readable(kind) or pa.types.is_null(kind)):
                told.append(f"column {column.name} is {kind}, not {words}")
    if told:
        raise _refused(path, "; ".join(told))


def _cast(path: Path, name: str, values: pa.Array, kind: pa.DataType) -> pa.Array:
    try:
        if pa.types.is_timestamp(kind):
            # a time of day below the microsecond says nothing about a forecast
            return values.cast(kind, safe=not pa.types.is_timestamp(values.type) or values.type.unit != "ns")
        cast = values.cast(kind)
        if pa.types.is_timestamp(values.type) and not pc.all(pc.equal(cast.cast(values.type), values)).as_py():
            raise _refused(path, f"column {name} has a time of day where a date is due")
    except pa.ArrowInvalid as error:
        raise _refused(path, f"column {name} has a value that is no {_READABLE[kind][0]} ({error})") from None
    return cast


def _broken_rules(reader: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Say of each rule that is broken how often, and where first."""
    counts = ", ".join(f"count(*) filter (where {rule.broken})" for rule in RULES)
    counted = reader.execute(f"select {counts} from forecasts").fetchone()  # noqa: S608 - only the rules above
    for rule, count in zip(RULES, counted or (), strict=True):
        if count:
            yield _told(rule.claim, count, reader, f"from forecasts where {rule.broken}")
    key = ", ".join(KEY)
    twice = f"from (select {key} from forecasts group by all having count(*) > 1)"  # noqa: S608 - only our own names
    count = (reader.execute(f"select count(*) {twice}").fetchone() or (0,))[0]
    if count:
        yield _told(UNIQUE_KEY, count, reader, twice)


def _told(claim: str, count: int, reader: duckdb.DuckDBPyConnection, rows: str) -> str:
    examples = reader.execute(f"select {', '.join(f'{name}::varchar' for name in KEY)} {rows} limit {EXAMPLES}")
    shown = " | ".join(" ".join(str(value) for value in row) for row in examples.fetchall())
    return f"not so: {claim}; {count} rows, such as {shown}"


def _refused(path: Path, seen: str) -> FeedContractError:
    return FeedContractError(ML_RESULTS.name, path.name, seen, FIX_IT, payload=path, name=path.name)


def _add(total: Landing, landing: Landing) -> None:
    total.rows_read += landing.rows_read
    total.rows_landed += landing.rows_landed
    total.rows_unchanged += landing.rows_unchanged
    total.files += landing.files
    days = [day for day in (total.first_day, total.last_day, landing.first_day, landing.last_day) if day]
    total.first_day, total.last_day = min(days, default=None), max(days, default=None)
