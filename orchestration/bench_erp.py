"""Measure the ERP feed on a table of any size, beside PostgreSQL's own export of the same rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from orchestration.platform import CHECKOUT
from simulator.postgres import Cluster, create_database, grant_reading, program

# The requisitions table is filled with lines that look like the company's; the last of them are a minute apart.
_FILL = """
create schema if not exists erp;
create table erp.requisitions as
select
    n::bigint as requisition_line_id,
    'RQ' || lpad((n / 2)::text, 8, '0') as requisition_id,
    (n % 2 + 1)::integer as line_number,
    lpad((n % 9973)::text, 6, '0') as item_id,
    case when n % 5 > 0 then 'L' || lpad((n % 12)::text, 2, '0') end as location_id,
    'T' || lpad((n % 17989)::text, 5, '0') as tower_id,
    'OS' || lpad((n / 3)::text, 8, '0') as work_order_id,
    (n % 40 + 1)::numeric(14, 3) as quantity,
    'UN'::text as unit,
    moment as requested_at,
    case when n % 7 = 0 then (moment + interval '20 days')::date end as required_on,
    case when n % 10 > 0 then moment + interval '2 hours' end as fulfilled_at,
    case when n % 10 > 0 then 'fulfilled' else 'open' end as status,
    moment as created_at,
    moment as updated_at
from (
    select n, '2026-06-01 00:00+00'::timestamptz - ({rows} - n) * interval '{spacing} seconds' as moment
    from generate_series(1, {rows}) as n
) as lines
"""
_CHANGE = """
update erp.requisitions set status = 'cancelled', updated_at = '2026-06-01 12:00+00'
where requisition_line_id % {few} = 0;
delete from erp.requisitions where requisition_line_id % {few} = 1;
insert into erp.requisitions (requisition_line_id, updated_at) values ({rows} + 1, '2020-01-01');
update erp.requisitions set updated_at = null where requisition_line_id % {few} = 2
"""
_EXTRACT = """
import json, resource, sys, time
from datetime import date
from extractors.catalog import ERP_TABLES, extract
from extractors.lake import Lake
from extractors.settings import Settings
root, dsn, day = sys.argv[1:]
settings = Settings(lake_root=root, today=date.fromisoformat(day), history_from=date(2020, 1, 1), erp_dsn=dsn)
table = next(table for table in ERP_TABLES if table.table == "requisitions")
started = time.perf_counter()
landing = extract(table, settings, Lake(root), "bench")
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "seconds": time.perf_counter() - started,
    "cpu_seconds": used.ru_utime + used.ru_stime,
    "peak_mb": used.ru_maxrss / 1024,
    "read": landing.rows_read, "landed": landing.rows_landed, "deleted": landing.rows_deleted,
    "files": landing.files,
}))
"""


@dataclass(frozen=True)
class ErpMeasurement:
    """One reading of the table.

    Attributes:
        what: What was done.
        rows: Rows of the table.
        seconds: Wall time.
        cpu_seconds: Processor time of the reading process, its start included; None for PostgreSQL's own program.
        peak_mb: Largest resident size of the reading process; None for PostgreSQL's own program.
        landed: Rows written.
        mb_written: Size of what was written.
    """

    what: str
    rows: int
    seconds: float
    cpu_seconds: float | None
    peak_mb: float | None
    landed: int
    mb_written: float

    @property
    def rows_per_second(self) -> float:
        """Rows of the table by wall time."""
        return self.rows / self.seconds


def measure_erp(rows: int, report: Callable[[ErpMeasurement], None] = lambda _: None) -> list[ErpMeasurement]:
    """Fill requisitions in a temporary PostgreSQL and read them, unchanged and changed, and by `psql` for comparison.

    Args:
        rows: Rows of the table.
        report: Called with each measurement as it is made.

    Returns:
        PostgreSQL's own CSV export, the first reading, the same again, and a day with changes and deletions.

    Raises:
        RuntimeError: If a reading fails.
    """
    measurements: list[ErpMeasurement] = []

    def note(measurement: ErpMeasurement) -> None:
        measurements.append(measurement)
        report(measurement)

    with tempfile.TemporaryDirectory(prefix="nova-bench-") as folder:
        cluster, root = Cluster(Path(folder) / "erp"), Path(folder) / "lake"
        with cluster.running() as port:
            create_database(cluster, port)
            _execute(cluster, port, _FILL.format(rows=rows, spacing=max(1, 86_400 * 365 * 4 // rows)))
            note(_copied(cluster, port, rows, Path(folder) / "requisitions.csv"))
            for what, day in (("first reading", "2026-06-01"), ("the same again", "2026-06-01")):
                note(_extracted(what, rows, root, cluster.reader_dsn(port), date.fromisoformat(day)))
            _execute(cluster, port, _CHANGE.format(rows=rows, few=1_000))
            changed = "0.1 % changed, deleted and without a change date"
            note(_extracted(changed, rows, root, cluster.reader_dsn(port), date(2026, 6, 2)))
    return measurements


def _execute(cluster: Cluster, port: int, statements: str) -> None:
    with cluster.connect(port) as connection:
        connection.execute(statements.encode())
        grant_reading(connection)


def _copied(cluster: Cluster, port: int, rows: int, target: Path) -> ErpMeasurement:
    command = [str(program("psql")), "--no-psqlrc", "--quiet", cluster.reader_dsn(port)]
    started = time.perf_counter()
    subprocess.run([*command, "--command", rf"\copy erp.requisitions to '{target}' (format csv)"], check=True)
    seconds = time.perf_counter() - started
    size = target.stat().st_size / 1e6
    target.unlink()
    return ErpMeasurement("psql \\copy to CSV", rows, seconds, None, None, rows, size)


def _extracted(what: str, rows: int, root: Path, dsn: str, day: date) -> ErpMeasurement:
    done = subprocess.run(
        [sys.executable, "-c", _EXTRACT, str(root), dsn, day.isoformat()],
        cwd=CHECKOUT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"reading the ERP failed ({what}):\n{done.stderr[-2_000:]}")
    seen = json.loads(done.stdout)
    written = sum(Path(file).stat().st_size for file in seen["files"]) / 1e6
    return ErpMeasurement(what, rows, seen["seconds"], seen["cpu_seconds"], seen["peak_mb"], seen["landed"], written)
