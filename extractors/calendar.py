"""The calendar of Salvador: national, state, municipal and optional days from 1990 to 2040.

National and state days come from the `holidays` package; the city's own days are rules below. Movable feasts
are computed from Easter. Whether a day is a business day is decided downstream, not here.
"""

from __future__ import annotations

from datetime import date, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

import holidays
import pyarrow as pa
from holidays.constants import OPTIONAL, PUBLIC

from extractors.lake import Batch, BronzeTable, Lake, Landing

if TYPE_CHECKING:
    from pathlib import Path

    from extractors.settings import Settings

FIRST_YEAR = 1990
LAST_YEAR = 2040
DATASET_ID = "BR-BA-salvador"

HOLIDAYS = BronzeTable(
    source="calendar",
    table="holidays",
    schema=pa.schema([(name, pa.string()) for name in ("date", "name", "scope", "kind")]),
    kind="year",
    key=("date", "name"),
)

CORPUS_CHRISTI_AFTER_EASTER = timedelta(days=60)
CARNIVAL_BEFORE_EASTER = (timedelta(days=48), timedelta(days=47))


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon = (19 * golden + century - leap_centuries - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * century_rest + 2 * (rest // 4) - moon - rest % 4) % 7
    correction = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def holidays_of(year: int) -> pa.Table:
    """Return the days of one year that are special in Salvador, in order of date.

    Args:
        year: Calendar year.

    Returns:
        Text columns date (ISO), name, scope (national, state, municipal, optional) and kind (holiday,
        optional, carnival). A day may have several rows.
    """
    carnival = {easter(year) - before for before in CARNIVAL_BEFORE_EASTER}
    corpus_christi = easter(year) + CORPUS_CHRISTI_AFTER_EASTER
    national = _named("public", year, subdivision=None)
    state = _named("public", year, subdivision="BA") - national
    # By municipal law these are holidays of the city, so they are not repeated as optional days.
    municipal = {
        (date(year, 6, 24), "São João"),
        (date(year, 12, 8), "Nossa Senhora da Conceição da Praia"),
        (corpus_christi, "Corpus Christi"),
    }
    rows = [(day, name, "national", "holiday") for day, name in national]
    rows += [(day, name, "state", "holiday") for day, name in state]
    rows += [(day, name, "municipal", "holiday") for day, name in municipal]
    for day, name in _named("optional", year, subdivision="BA"):
        if day in carnival:
            rows.append((day, name, "optional", "carnival"))
        elif day != corpus_christi:
            rows.append((day, name, "optional", "optional"))
    rows.sort()
    columns = list(zip(*((day.isoformat(), name, scope, kind) for day, name, scope, kind in rows), strict=True))
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=HOLIDAYS.schema)


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land the whole calendar; a year that did not change is not written again."""
    del settings, folder
    uri = f"python:holidays=={version('holidays')}"
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return lake.land(
        table, (Batch(DATASET_ID, date(year, 1, 1), holidays_of(year), uri) for year in years), run_id=run_id
    )


def _named(category: str, year: int, *, subdivision: str | None) -> set[tuple[date, str]]:
    calendar = holidays.country_holidays(
        "BR",
        subdiv=subdivision,
        years=year,
        language="pt_BR",
        categories={PUBLIC} if category == "public" else {OPTIONAL},
    )
    return {(day, name) for day in calendar for name in calendar.get_list(day) if day.year == year}
