"""Weather, economy and licences that the feeds serve."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from simulator.economy import MONTHLY_SERIES, Economy, business_days
from simulator.feeds.licences import TECHNOLOGIES, Licences
from simulator.weather import STATION_INDEX, STATIONS, Weather

SEED = 11


def test_the_hours_of_a_day_add_up_to_the_rain_that_drives_demand() -> None:
    weather = Weather(SEED)
    for station in range(len(STATIONS)):
        daily, hourly = weather.daily(station, 2025), weather.hourly(station, 2025)
        assert np.allclose(hourly.rain_mm.sum(axis=1), daily.rain_mm)


def test_salvador_is_wet_from_april_to_july() -> None:
    weather = Weather(SEED)
    months: dict[int, list[float]] = {month: [] for month in range(1, 13)}
    for year in range(2005, 2025):
        rain = weather.daily(STATION_INDEX["A401"], year).rain_mm
        for month, totals in months.items():
            start = (date(year, month, 1) - date(year, 1, 1)).days
            totals.append(float(rain[start : start + 30].sum()))
    means = {month: sum(values) / len(values) for month, values in months.items()}
    assert 230 < means[4] < 420
    assert 230 < means[5] < 430
    assert min(means[m] for m in (4, 5, 6)) > max(means[m] for m in (9, 10))


def test_storms_are_more_frequent_from_november_to_march() -> None:
    weather = Weather(SEED)
    storms = np.zeros(12)
    for year in range(2005, 2025):
        flags = weather.daily(STATION_INDEX["A401"], year).is_storm
        months = (np.arange(366) + np.datetime64(f"{year}-01-01", "D")).astype("datetime64[M]").astype(int) % 12
        storms += np.bincount(months, flags, minlength=12)
    assert storms[[10, 11, 0, 1, 2]].mean() > 1.8 * storms[[3, 4, 5, 6, 7, 8, 9]].mean()


def test_quotations_do_not_depend_on_how_far_one_looks() -> None:
    day = date(2023, 5, 10)
    early = Economy(SEED)
    late = Economy(SEED)
    late.usd_brl(date(2026, 12, 30))
    assert early.usd_brl(day) == late.usd_brl(day)
    assert 1.5 < early.usd_brl(day) < 15


def test_old_months_are_revised_as_time_goes_on_but_only_when_soiled() -> None:
    now, later = date(2024, 6, 30), date(2025, 6, 30)
    for code in MONTHLY_SERIES:
        soiled, clean = Economy(SEED, revised=0.5), Economy(SEED)
        known = dict(soiled.monthly_values(code, now))
        assert [m for m, value in soiled.monthly_values(code, later) if m in known and value != known[m]]
        known = dict(clean.monthly_values(code, now))
        assert not [m for m, value in clean.monthly_values(code, later) if m in known and value != known[m]]


def test_the_policy_rate_is_known_ahead_of_the_day() -> None:
    economy = Economy(SEED)
    day = date(2025, 3, 3)
    known = economy.rate_known_until(day)
    assert day < known <= day + timedelta(days=45)
    assert economy.policy_rate_pct(known) == economy.policy_rate_pct(day)
    assert economy.policy_rate_pct(known + timedelta(days=1)) is not None


def test_business_days_leave_out_carnaval_and_weekends() -> None:
    days = business_days(date(2025, 3, 1), date(2025, 3, 7))
    assert days == [date(2025, 3, 5), date(2025, 3, 6), date(2025, 3, 7)]


@pytest.mark.parametrize(("technology", "low", "high"), [("NR", 0.8, 1.2), ("LTE", 0.8, 1.15), ("GSM", 0.7, 1.15)])
def test_licences_have_the_magnitude_of_salvador(technology: str, low: float, high: float) -> None:
    real = {"NR": 404 + 360 + 373, "LTE": 418 + 375 + 401, "GSM": 311 + 147 + 262}[technology]
    present = Licences(SEED, 1.0).at(date(2025, 4, 30))
    found = [
        s for s, _ in present if s.municipality == 0 and s.carrier < 3 and TECHNOLOGIES[s.technology] == technology
    ]
    assert low < len(found) / real < high


def test_5g_grows_and_2g_shrinks() -> None:
    licences = Licences(SEED, 0.25)
    counts = [
        [sum(TECHNOLOGIES[s.technology] == technology for s, _ in licences.at(day)) for technology in ("NR", "GSM")]
        for day in (date(2022, 6, 1), date(2023, 6, 1), date(2026, 6, 1))
    ]
    assert counts[0][0] == 0
    assert counts[0][0] < counts[1][0] < counts[2][0]
    assert counts[2][1] < counts[0][1]
