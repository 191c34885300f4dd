"""The ERP: tables of a PostgreSQL schema, streamed as Arrow record batches into the lake.

A mapping file says which tables and columns of the ERP are ours. All tables of one extraction are read in one
repeatable-read, read-only transaction; nothing is ever written to the ERP. Small tables are read whole each day. Of
event tables only what is new, changed or gone against bronze is landed.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from extractors.erp import mapping as mappings
from extractors.erp.changes import land_changes, land_whole
from extractors.erp.contract import TABLES
from extractors.erp.mapping import ErpMapping, MappingError
from extractors.erp.source import Erp, opened
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

    A table that cannot be read keeps no other from landing; all that are broken are told at the end, in one message.

    Args:
        tables: Some of `TABLES`.
        settings: Address, mapping and day of the run.
        lake: Where to land.
        run_id: Kept in every row.

    Yields:
        What was landed of each table, in the order given; nothing of a broken one.

    Raises:
        FeedContractError: A column is missing or has another type, or a table that had rows lost them.
        FeedUnavailable: The ERP does not answer.
        MappingError: The mapping file cannot be used.
    """
    wanted = list(tables)
    mapping = mappings.load(settings.erp_mapping)
    feed = wanted[0].name if len(wanted) == 1 else "erp"
    errors: list[FeedContractError] = []
    with (
        tempfile.TemporaryDirectory(prefix="nova-erp-") as folder,
        opened(settings.need("ERP_DSN"), mapping, feed) as erp,
    ):
        for table in wanted:
            try:
                with erp.of_the_same_moment():
                    landing = _land(erp, table, mapping, settings, lake, run_id=run_id, folder=Path(folder))
            except FeedContractError as error:
                logger.error("%s", error)
                errors.append(error)
            else:
                yield landing
    if errors:
        raise _told_together(errors) from None


def _land(
    erp: Erp, table: BronzeTable, mapping: ErpMapping, settings: Settings, lake: Lake, *, run_id: str, folder: Path
) -> Landing:
    entry = mapping.tables[table.table]
    if entry is None:
        logger.info("%s: the mapping %s says that the ERP does not hold it", table.name, mapping.name)
        return Landing(table)
    reading = erp.describe(table, entry)
    if table.kind == "changes":
        return land_changes(erp, reading, mapping, settings, lake, run_id=run_id, folder=folder)
    return land_whole(erp, reading, settings, lake, run_id=run_id)


def _told_together(errors: Sequence[FeedContractError]) -> FeedContractError:
    if len(errors) == 1:
        return errors[0]
    seen = "; ".join(f"{error.feed} [{error.window}]: {error.seen}" for error in errors)
    names = ", ".join(error.feed for error in errors)
    return FeedContractError(names, f"{len(errors)} tables", seen, errors[0].advice)
