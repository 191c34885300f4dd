"""The calendar agrees with a recorded one of another maker; skipped where the recording is absent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractors.calendar import FIRST_YEAR, LAST_YEAR, holidays_of

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "feeds" / "calendar" / "vacanza_BR_BA.json"

pytestmark = pytest.mark.skipif(not RECORDED.is_file(), reason=f"no recorded calendar in {RECORDED}")


def test_every_national_and_state_day_of_the_recording_is_there() -> None:
    recorded = {day for day in json.loads(RECORDED.read_text()) if FIRST_YEAR <= int(day[:4]) <= LAST_YEAR}
    ours: set[str] = set()
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        ours.update(holidays_of(year).column("date").to_pylist())

    assert recorded - ours == set()
    assert all(day[5:] in {"06-24", "12-08"} for day in ours - recorded)
