"""The calendar of Salvador, from rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from extractors.calendar import FIRST_YEAR, HOLIDAYS, LAST_YEAR, easter, holidays_of


def days(year: int) -> dict[tuple[str, str], tuple[str, str]]:
    return {(row["date"], row["name"]): (row["scope"], row["kind"]) for row in holidays_of(year).to_pylist()}


@pytest.mark.parametrize(
    ("year", "day"),
    [(1990, (4, 15)), (2000, (4, 23)), (2008, (3, 23)), (2024, (3, 31)), (2038, (4, 25)), (2040, (4, 1))],
)
def test_easter_falls_where_the_tables_say(year: int, day: tuple[int, int]) -> None:
    assert easter(year) == date(year, *day)


def test_carnival_monday_and_tuesday_are_flagged_apart_from_holidays() -> None:
    carnival = {day for (day, _), (_, kind) in days(2024).items() if kind == "carnival"}

    assert carnival == {"2024-02-12", "2024-02-13"}
    assert days(2024)[("2024-02-14", "Quarta-feira de Cinzas")] == ("optional", "optional")


def test_salvadors_own_days_are_municipal_holidays() -> None:
    municipal = {day for (day, _), value in days(2024).items() if value == ("municipal", "holiday")}

    assert municipal == {"2024-05-30", "2024-06-24", "2024-12-08"}


def test_corpus_christi_is_sixty_days_after_easter_and_not_also_optional() -> None:
    for year in (1991, 2024, 2040):
        day = (easter(year) + timedelta(days=60)).isoformat()
        assert [value for (on, _), value in days(year).items() if on == day] == [("municipal", "holiday")]


def test_the_second_of_july_is_a_day_of_the_state() -> None:
    assert [value for (day, _), value in days(2025).items() if day == "2025-07-02"] == [("state", "holiday")]


@pytest.mark.parametrize(("year", "count"), [(2023, 0), (2024, 1)])
def test_the_twentieth_of_november_is_national_from_2024(year: int, count: int) -> None:
    assert (
        sum(1 for (day, _), value in days(year).items() if day == f"{year}-11-20" and value[0] == "national") == count
    )


def test_every_year_has_its_good_friday_and_no_day_twice_under_one_name() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        table = holidays_of(year)
        assert table.schema == HOLIDAYS.schema
        assert (easter(year) - timedelta(days=2)).isoformat() in table.column("date").to_pylist()
        assert len(days(year)) == table.num_rows
        assert table.column("date").to_pylist() == sorted(table.column("date").to_pylist())


@pytest.mark.parametrize(
    ("day", "scope", "since"),
    [
        ("06-24", "municipal", FIRST_YEAR),  # São João
        ("12-08", "municipal", FIRST_YEAR),  # Nossa Senhora da Conceição da Praia
        ("07-02", "state", 1996),  # Independência da Bahia; the law that lets states have a day is of September 1995
        ("09-07", "national", FIRST_YEAR),
        ("11-20", "national", 2024),
    ],
)
def test_salvador_keeps_its_fixed_days_in_every_year(day: str, scope: str, since: int) -> None:
    for year in range(since, LAST_YEAR + 1):
        assert (scope, "holiday") in [value for (on, _), value in days(year).items() if on == f"{year}-{day}"]


def test_movable_days_are_where_easter_puts_them_in_every_year() -> None:
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        kinds = {(on, value) for (on, _), value in days(year).items()}
        sunday = easter(year)
        for distance, value in {
            -48: ("optional", "carnival"),
            -47: ("optional", "carnival"),
            -46: ("optional", "optional"),
            -2: ("national", "holiday"),
            60: ("municipal", "holiday"),
        }.items():
            assert ((sunday + timedelta(days=distance)).isoformat(), value) in kinds
        assert sum(value[1] == "carnival" for _, value in kinds) == 2
