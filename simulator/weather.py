"""The weather of Bahia: daily values that drive demand, and the hours that add up to them.

A day is a local day: its hours are labelled 03 UTC of that date to 02 UTC of the next. Rain is in steps of 0.2 mm, as a
tipping-bucket gauge reports it, so that the hours of a day add up exactly to the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np

from simulator.clock import day_number
from simulator.streams import Bools, Floats, Ints, Stream, keyed

GAUGE_MM = 0.2
DAYS_IN_BLOCK = 366
COAST_NORTH = (85, 105, 150, 320, 330, 246, 205, 135, 105, 105, 120, 110)
COAST_SOUTH = (120, 130, 165, 170, 120, 130, 140, 95, 90, 110, 145, 150)
HINTERLAND = (65, 70, 85, 95, 90, 85, 70, 50, 35, 35, 60, 75)
HIGHLAND = (95, 75, 105, 50, 22, 25, 28, 20, 22, 55, 120, 130)
WEST = (165, 140, 150, 75, 15, 3, 2, 3, 18, 85, 185, 205)
STORM_PROBABILITY = (0.07, 0.07, 0.06, 0.03, 0.03, 0.025, 0.02, 0.012, 0.012, 0.02, 0.06, 0.07)


@dataclass(frozen=True)
class Station:
    """An automatic station of INMET. `monthly_rain_mm` is the mean of each month of the year."""

    code: str
    name: str
    state: str
    latitude: float
    longitude: float
    altitude_metres: float
    founded_on: date
    is_operating: bool
    monthly_rain_mm: tuple[int, ...]
    temperature_celsius: float
    is_capital: bool = False


STATIONS: tuple[Station, ...] = (
    Station("A401", "SALVADOR", "BA", -13.005515, -38.50576, 47.56, date(2000, 5, 13), True, COAST_NORTH, 26.0, True),
    Station("A413", "FEIRA DE SANTANA", "BA", -12.1961111, -38.9675, 229.64, date(2007, 5, 26), True, HINTERLAND, 24.8),
    Station(
        "A414", "VITORIA DA CONQUISTA", "BA", -14.88638888, -40.80138888, 879.38, date(2007, 6, 1), True, HIGHLAND, 20.6
    ),
    Station("A410", "ILHEUS", "BA", -14.65888888, -39.18138888, 80.21, date(2003, 1, 25), True, COAST_SOUTH, 24.6),
    Station("A402", "BARREIRAS", "BA", -12.12472221, -45.02694443, 474.17, date(2001, 12, 20), True, WEST, 25.2),
    Station("A422", "ABROLHOS", "BA", -17.96305555, -38.70333333, 20.93, date(2008, 7, 21), False, COAST_SOUTH, 25.0),
    Station("A409", "ARACAJU", "SE", -10.9525, -37.05444444, 3.72, date(2003, 2, 12), True, COAST_NORTH, 26.4, True),
)
STATION_INDEX = {station.code: index for index, station in enumerate(STATIONS)}


@dataclass(frozen=True)
class DailyWeather:
    """One station's block of days (a calendar year): arrays of 366."""

    rain_mm: Floats
    is_storm: Bools
    mean_celsius: Floats
    range_celsius: Floats
    gust_metres_per_second: Floats


@dataclass(frozen=True)
class HourlyWeather:
    """One station's hours of a calendar year of local days: arrays of 366 x 24, hour 0 = 03 UTC."""

    rain_mm: Floats
    temperature: Floats
    temperature_max: Floats
    temperature_min: Floats
    humidity: Floats
    pressure: Floats
    wind: Floats
    gust: Floats
    wind_direction: Ints
    radiation: Floats  # NaN at night
    is_gap: Bools


class Weather:
    """Weather as a pure function of the seed. Years are drawn when asked for and kept."""

    def __init__(self, seed: int, sensor_gap: float = 0.0) -> None:
        self._seed = seed
        self._sensor_gap = sensor_gap
        self._days: dict[tuple[int, int], DailyWeather] = {}
        self._hours: dict[tuple[int, int], HourlyWeather] = {}
        self._noise: dict[tuple[int, int], Floats] = {}

    def daily(self, station: int, year: int) -> DailyWeather:
        """The days of a year at a station."""
        key = (station, year)
        if key not in self._days:
            self._days[key] = self._draw_days(station, year)
        return self._days[key]

    def hourly(self, station: int, year: int) -> HourlyWeather:
        """The hours of the local days of a year at a station."""
        key = (station, year)
        if key not in self._hours:
            self._hours[key] = self._draw_hours(station, year)
        return self._hours[key]

    def _wetness_noise(self, station: int, year: int) -> Floats:
        key = (station, year)
        if key not in self._noise:
            region = keyed(self._seed, Stream.WEATHER_REGION, year).standard_normal(DAYS_IN_BLOCK)
            own = keyed(self._seed, Stream.WEATHER_STATION, station, year).standard_normal(DAYS_IN_BLOCK)
            self._noise[key] = np.sqrt(0.5) * (region + own)
        return self._noise[key]

    def _draw_days(self, station: int, year: int) -> DailyWeather:
        place = STATIONS[station]
        months = _months(year)
        noise = np.concatenate([self._wetness_noise(station, year - 1)[-2:], self._wetness_noise(station, year)])
        wetness = (noise[2:] + 0.6 * noise[1:-1] + 0.3 * noise[:-2]) / np.sqrt(1 + 0.36 + 0.09)
        norm = np.array(place.monthly_rain_mm, dtype=np.float64)
        wet_share = np.clip(norm / (30 * (4 + norm / 30)), 0.02, 0.85)
        threshold = np.array([NormalDist().inv_cdf(1 - share) for share in wet_share])
        wet_mean = norm / (30 * wet_share)

        random = keyed(self._seed, Stream.WEATHER_STATION, station, year, 1)
        amount = random.gamma(0.8, 1 / 0.8, DAYS_IN_BLOCK) * wet_mean[months]
        region = keyed(self._seed, Stream.WEATHER_REGION, year, 1)
        storm_front, storm_rain = region.random(DAYS_IN_BLOCK), region.gamma(2.0, 14.0, DAYS_IN_BLOCK)
        reached = random.random(DAYS_IN_BLOCK) < 0.6
        is_storm = (storm_front < np.array(STORM_PROBABILITY)[months] / 0.6) & reached
        rain = np.where(wetness > threshold[months], amount, 0.0) + np.where(is_storm, storm_rain, 0.0)
        rain = np.rint(rain / GAUGE_MM) * GAUGE_MM

        angle = 2 * np.pi * (np.arange(DAYS_IN_BLOCK) - 35) / 365.25
        mean = place.temperature_celsius + 1.9 * np.cos(angle) + random.normal(0, 0.7, DAYS_IN_BLOCK)
        mean -= np.minimum(rain, 30) * 0.03
        span = np.clip(random.normal(7.5 + place.altitude_metres / 250, 1.2, DAYS_IN_BLOCK) - rain * 0.04, 3, 16)
        gust = np.where(is_storm, random.uniform(17, 28, DAYS_IN_BLOCK), random.uniform(6, 12, DAYS_IN_BLOCK))
        return DailyWeather(rain, is_storm, mean, span, gust)

    def _draw_hours(self, station: int, year: int) -> HourlyWeather:
        day = self.daily(station, year)
        random = keyed(self._seed, Stream.WEATHER_HOURS, station, year)
        shape = (DAYS_IN_BLOCK, 24)
        rain = _spread_rain(day.rain_mm, random)
        clock = np.arange(24)  # local hours
        warmth = np.cos(2 * np.pi * (clock - 14) / 24) * 0.5
        temperature = (
            day.mean_celsius[:, None] + day.range_celsius[:, None] * warmth[None, :] + random.normal(0, 0.25, shape)
        )
        humidity = np.clip(82 - (temperature - day.mean_celsius[:, None]) * 4.5 + 6 * (rain > 0), 20, 100)
        base = 1013.0 * np.exp(-STATIONS[station].altitude_metres / 8_400)
        tide = 1.3 * np.cos(4 * np.pi * (clock - 10) / 24)
        pressure = base + tide[None, :] + random.normal(0, 0.5, (DAYS_IN_BLOCK, 1)) + random.normal(0, 0.1, shape)
        gust = day.gust_metres_per_second[:, None] * np.clip(random.normal(0.62, 0.16, shape), 0.1, 1.0)
        peak = random.integers(0, 24, DAYS_IN_BLOCK)
        gust[np.arange(DAYS_IN_BLOCK), peak] = day.gust_metres_per_second
        height = np.sin(np.pi * (clock - 5.5) / 12.5)
        cloud = np.clip(1 - day.rain_mm / 60, 0.25, 1)[:, None] * random.uniform(0.75, 1, shape)
        radiation = np.where((height > 0)[None, :], 3_600 * np.maximum(height, 0)[None, :] * cloud, np.nan)
        return HourlyWeather(
            rain_mm=rain,
            temperature=temperature.round(1),
            temperature_max=(temperature + random.uniform(0, 0.6, shape)).round(1),
            temperature_min=(temperature - random.uniform(0, 0.6, shape)).round(1),
            humidity=humidity.round(0),
            pressure=pressure.round(1),
            wind=(gust * random.uniform(0.25, 0.5, shape)).round(1),
            gust=gust.round(1),
            wind_direction=random.integers(1, 361, shape),
            radiation=radiation.round(1),
            is_gap=random.random(shape) < self._sensor_gap,
        )

    def day(self, day: date) -> tuple[Floats, Bools]:
        """Rain in mm and storm flag of every station on a day."""
        index = day_number(day) - day_number(date(day.year, 1, 1))
        blocks = [self.daily(station, day.year) for station in range(len(STATIONS))]
        return np.array([b.rain_mm[index] for b in blocks]), np.array([b.is_storm[index] for b in blocks])


def _months(year: int) -> Ints:
    days = np.arange(DAYS_IN_BLOCK) + np.datetime64(f"{year}-01-01", "D")
    return days.astype("datetime64[M]").astype(np.int64) % 12


def _spread_rain(daily_mm: Floats, random: np.random.Generator) -> Floats:
    """Give each tip of the gauge an hour of a wet spell of the day; the hours of a day add up to the day."""
    tips = np.rint(daily_mm / GAUGE_MM).astype(np.int64)
    start, length = random.integers(0, 24, len(tips)), random.integers(2, 8, len(tips))
    day = np.repeat(np.arange(len(tips)), tips)
    hour = (start[day] + (random.random(len(day)) ** 1.5 * length[day]).astype(np.int64)) % 24
    counts = np.bincount(day * 24 + hour, minlength=len(tips) * 24).reshape(len(tips), 24)
    rain: Floats = np.round(counts.astype(np.float64) * GAUGE_MM, 1)
    return rain
