"""The calendar agrees with recorded ones of two other makers; skipped where the recordings are absent."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from extractors.calendar import FIRST_YEAR, LAST_YEAR, holidays_of

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "feeds" / "calendar"
RECORDED = FOLDER / "vacanza_BR_BA.json"
SALVADOR = "2927408"

pytestmark = pytest.mark.skipif(not RECORDED.is_file(), reason=f"no recorded calendar in {RECORDED}")


def test_every_national_and_state_day_of_the_recording_is_there() -> None:
    recorded = {day for day in json.loads(RECORDED.read_text()) if FIRST_YEAR <= int(day[:4]) <= LAST_YEAR}
    ours: set[str] = set()
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        ours.update(holidays_of(year).column("date").to_pylist())

    assert recorded - ours == set()
    assert all(day[5:] in {"06-24", "12-08"} for day in ours - recorded)


@pytest.mark.parametrize("year", [2024, 2025])
def test_days_of_the_nation_the_state_and_the_city_are_those_of_the_public_lists(
    year: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The national list of 2024 dates the 20th of November two years late, which is the one row that disagrees."""
    ours = {(row["date"], row["kind"]) for row in holidays_of(year).to_pylist()}
    holidays = {day for day, kind in ours if kind == "holiday"}
    listed: set[str] = set()
    with capsys.disabled():
        print()  # noqa: T201 - the table is part of the test's output
        for kind, place in (("nacional", None), ("estadual", ("BA", "")), ("municipal", ("BA", SALVADOR))):
            path = FOLDER / f"feriados-brasil_{kind}_{year}.csv"
            with path.open(encoding="utf-8", newline="") as stream:
                rows = list(csv.reader(stream))
            here = [row for row in rows if place in {None, (row[4].strip(), row[5].strip())}]
            days = {"-".join(reversed(row[0].split("/"))) for row in here}
            listed |= days
            differ = days - holidays
            print(f"{path.name:<52} {'compared: Salvador':<24} {len(rows):>10} {len(here):>8} {len(differ):>8}")  # noqa: T201
            assert differ == ({"2026-11-20"} if (kind, year) == ("nacional", 2024) else set())

    assert holidays - listed == ({"2024-11-20"} if year == 2024 else set())
    with (FOLDER / f"feriados-brasil_facultativo_{year}.csv").open(encoding="utf-8", newline="") as stream:
        optional = ["-".join(reversed(row[0].split("/"))) for row in csv.reader(stream) if row[1] == "Carnaval"]
    carnival = {day for day, kind in ours if kind == "carnival"}
    assert len(carnival) == 2
    assert carnival < set(optional)
