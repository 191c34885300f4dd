"""All bronze tables, and the one function that brings any of them up to date."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

from extractors import anatel, bacen, backtest, calendar, erp, forecasts, inmet, suppliers, uploads
from extractors.lake import BronzeTable, Lake, Landing
from extractors.settings import Settings

ERP_TABLES = erp.TABLES
TABLES: tuple[BronzeTable, ...] = (
    *ERP_TABLES,
    inmet.OBSERVATIONS,
    inmet.STATIONS,
    bacen.SGS_OBSERVATIONS,
    bacen.PTAX_QUOTES,
    bacen.FOCUS_EXPECTATIONS,
    *anatel.TABLES,
    calendar.HOLIDAYS,
    forecasts.ML_RESULTS,
    uploads.PURCHASE_LINES,
    suppliers.QUOTES,
    backtest.POLICY_OUTCOMES,
)

# What can be asked for again, day by day or month by month. The ERP keeps no past state of its masters and positions,
# and what comes as files or is computed knows no days that could be asked for.
_BY_DAY = frozenset(table.name for table in ERP_TABLES if table.kind == "changes")
_BY_MONTH = frozenset(
    table.name
    for table in (
        inmet.OBSERVATIONS,
        bacen.SGS_OBSERVATIONS,
        bacen.PTAX_QUOTES,
        bacen.FOCUS_EXPECTATIONS,
        anatel.SMP_STATIONS,
        anatel.MOBILE_ACCESSES,
    )
)

_WHOLE_EACH_TIME = frozenset(
    table.name for table in (*ERP_TABLES, calendar.HOLIDAYS) if table.kind in ("snapshot", "year")
)

_Extract = Callable[[BronzeTable, Settings, Lake, str, Path], Landing]
_EXTRACTORS: dict[str, _Extract] = {
    "erp": erp.extract,
    "inmet": inmet.extract,
    "bacen": bacen.extract,
    "anatel": anatel.extract,
    "calendar": calendar.extract,
    "forecasts": forecasts.extract,
    "uploads": uploads.extract,
    "suppliers": suppliers.extract,
    "backtest": backtest.extract,
}


def asked_for_by(table: BronzeTable) -> Literal["day", "month"] | None:
    """What a `Settings.window` of a table is made of; None if the table can only be read as it stands now."""
    if table.name in _BY_DAY:
        return "day"
    return "month" if table.name in _BY_MONTH else None


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str) -> Landing:
    """Fetch what is new of one bronze table, or what it holds of a window, and land it; safe to run again at any time.

    Args:
        table: One of `TABLES`.
        settings: Addresses, secrets, the day of the run, and the window if one is asked for.
        lake: Where to land.
        run_id: Kept in every row.

    Returns:
        What was read and landed; nothing is landed when nothing changed.

    Raises:
        FeedContractError: The source broke its contract; the payload is in the quarantine.
        FeedUnavailable: The source did not answer.
        SettingsError: An address or a secret is not set.
        ValueError: A window of a table that has none.
    """
    _refuse_window(table, settings)
    with tempfile.TemporaryDirectory(prefix="nova-") as folder, lake.quarantining(table):
        return _EXTRACTORS[table.source](table, settings, lake, run_id, Path(folder))


def extract_erp(tables: Iterable[BronzeTable], settings: Settings, lake: Lake, run_id: str) -> Iterator[Landing]:
    """Bring tables of the ERP up to date, all read as of one moment; safe to run again at any time.

    Args:
        tables: Some of `ERP_TABLES`.
        settings: Address, mapping and the day of the run.
        lake: Where to land.
        run_id: Kept in every row.

    Yields:
        What was read and landed of each table.

    Raises:
        FeedContractError: The ERP broke its contract.
        FeedUnavailable: The ERP did not answer.
        SettingsError: The address is not set, or the mapping file cannot be used.
        ValueError: A window of a table that has none.
    """
    wanted = list(tables)
    for table in wanted:
        _refuse_window(table, settings)
    yield from erp.extract_together(wanted, settings, lake, run_id)


def forgets_superseded(table: BronzeTable) -> bool:
    """Whether nothing reads a vintage of a table once a newer one of its partition has landed.

    So it is where the source shows the whole each time and staging takes the newest reading. The public series are
    revised and tell by their vintages what was known when; a change of the ERP, a workbook, a quote and a forecast
    stand in one vintage only.
    """
    return table.name in _WHOLE_EACH_TIME


def _refuse_window(table: BronzeTable, settings: Settings) -> None:
    if settings.window is not None and asked_for_by(table) is None:
        raise ValueError(f"{table.name} can only be read as it stands now, not for {settings.window}")
