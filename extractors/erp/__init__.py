"""The ERP: tables of a PostgreSQL schema, streamed as Arrow record batches into the lake.

A mapping file says which tables and columns of the ERP are ours. All tables of one extraction are read in one
repeatable-read, read-only transaction; nothing is ever written to the ERP. Small tables are read whole each day. Of
event tables only what is new, changed or gone against bronze is landed.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractors.erp import mapping as mappings
from extractors.erp.changes import land_changes, land_whole
from extractors.erp.contract import TABLES
from extractors.erp.mapping import ErpMapping, MappingError
from extractors.erp.source import Erp, Reading, opened
from extractors.http import FeedContractError
from extractors.lake import BronzeTable, Lake, Landing
from extractors.settings import Settings

__all__ = ["TABLES", "MappingError", "extract", "extract_together"]

logger = logging.getLogger(__name__)


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Read one table of the ERP and land it; `extract_together` reads several of the same moment.

    Raises:
        FeedContractError: A column is missing or has another type, or a table that had rows lost them.
        FeedUnavailable: The ERP does not answer.
        MappingError: The mapping file cannot be used.
    """
    del folder
    return next(extract_together([table], settings, lake, run_id))


def extract_together(tables: Iterable[BronzeTable], settings: Settings, lake: Lake, run_id: str) -> Iterator[Landing]:
    """Read tables of the ERP as of one moment and land them one after the other.

    The layout of all tables is checked before the first row is landed, so that a changed ERP is told in one message.

    Args:
        tables: Some of `TABLES`.
        settings: Address, mapping and day of the run.
        lake: Where to land.
        run_id: Kept in every row.

    Yields:
        What was landed of each table, in the order given.

    Raises:
        FeedContractError: A column is missing or has another type, or a table that had rows lost them.
        FeedUnavailable: The ERP does not answer.
        MappingError: The mapping file cannot be used.
    """
    wanted = list(tables)
    mapping = mappings.load(settings.erp_mapping)
    feed = wanted[0].name if len(wanted) == 1 else "erp"
    with (
        tempfile.TemporaryDirectory(prefix="nova-erp-") as folder,
        opened(settings.need("ERP_DSN"), mapping, feed) as erp,
    ):
        readings = _describe(erp, wanted, mapping)
        for table in wanted:
            reading = readings.get(table.table)
            if reading is None:
                logger.info("%s: the mapping %s says that the ERP does not hold it", table.name, mapping.name)
                yield Landing(table)
            elif table.kind == "changes":
                yield land_changes(erp, reading, mapping, settings, lake, run_id=run_id, folder=Path(folder))
            else:
                yield land_whole(erp, reading, settings, lake, run_id=run_id)


def _describe(erp: Erp, tables: list[BronzeTable], mapping: ErpMapping) -> dict[str, Reading]:
    """Look at all tables before any is read; several that changed are told together."""
    readings: dict[str, Reading] = {}
    errors: list[FeedContractError] = []
    for table in tables:
        entry = mapping.tables[table.table]
        if entry is None:
            continue
        try:
            readings[table.table] = erp.describe(table, entry)
        except FeedContractError as error:
            errors.append(error)
            erp.begin_again()
    if len(errors) > 1:
        seen = "; ".join(f"{error.feed} [{error.window}]: {error.seen}" for error in errors)
        names = ", ".join(error.feed for error in errors)
        raise FeedContractError(names, f"{len(errors)} tables", seen, errors[0].advice) from None
    if errors:
        raise errors[0]
    return readings
