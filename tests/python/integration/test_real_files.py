"""Recorded files of the real sources go the same way as HTTP and come out as the figures that stand in them.

The files are not part of the project; without them these tests skip.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from conftest import CHECKOUT, Installation, run_succeeded

FEEDS = CHECKOUT.parent / "shared" / "feeds"
WEATHER = FEEDS / "inmet" / "historico" / "INMET_NE_BA_A401_SALVADOR_01-01-2024_A_31-12-2024.CSV"
SERIES = {
    "sgs.433": FEEDS / "bacen" / "sgs" / "sgs_433_ipca_2016-2026.json",
    "sgs.432": FEEDS / "bacen" / "sgs" / "sgs_432_meta_selic_2016-2026.json",
    "sgs.11": FEEDS / "bacen" / "sgs" / "sgs_11_selic_2016-2025.json",
    "sgs.1": FEEDS / "bacen" / "sgs" / "sgs_1_usd_venda_2020-2024.json",
}
LICENCES = FEEDS / "anatel" / "csv_natal_licenciamento_nr.csv"
PANEL = FEEDS / "anatel" / "vw_erbs_cid.csv"

pytestmark = pytest.mark.skipif(not FEEDS.is_dir(), reason=f"the recorded files are not here: {FEEDS}")


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation that knows nothing but the recorded files, built from them."""
    installation = Installation.at(tmp_path_factory.mktemp("real") / "data")
    run_succeeded(installation.nova("land", "inmet", str(WEATHER)))
    run_succeeded(installation.nova("land", "bacen", *(str(file) for file in SERIES.values())))
    # The panel's export does not say its month; it was made from the register of April 2025.
    panel = Path(shutil.copy(PANEL, tmp_path_factory.mktemp("panel") / "erbs_2025-04.csv"))
    run_succeeded(installation.nova("land", "anatel", str(LICENCES), str(panel)))
    run_succeeded(installation.nova("run", "--sources", "files", "--no-report"))
    return installation


def number(text: str) -> Decimal | None:
    """A value of the archive: decimal comma, blank for missing, `,8` for 0.8."""
    return Decimal(text.replace(",", ".")) if text else None


def salvador_days() -> dict[str, dict[str, list[Decimal]]]:
    """Rain and temperature of the file by day in Salvador: the hour that ends at 03:00 UTC is the day's last."""
    days: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    lines = WEATHER.read_text(encoding="latin-1").splitlines()[9:]
    for line in lines:
        fields = line.split(";")
        ends_at = datetime.strptime(f"{fields[0]} {fields[1][:4]}", "%Y/%m/%d %H%M")  # noqa: DTZ007 - UTC by contract
        day = (ends_at - timedelta(hours=4)).date().isoformat()
        for name, position in (("rain", 2), ("warmest", 9)):
            value = number(fields[position])
            if value is not None:
                days[day][name].append(value)
    return days


def test_weather_of_salvador_agrees_with_the_archive_file(landed: Installation) -> None:
    expected = salvador_days()
    rows = duckdb.sql(
        f"""
        select observed_on, rain_mm, temperature_max_celsius
        from read_parquet('{landed.table("fact_weather")}')
        where station_id = 'A401'
        """
    ).fetchall()
    assert len(rows) == len(expected) >= 366
    for day, rain, warmest in rows:
        of_file = expected[day.isoformat()]
        assert rain == pytest.approx(float(sum(of_file["rain"]))) if of_file["rain"] else rain is None
        assert warmest == pytest.approx(float(max(of_file["warmest"]))) if of_file["warmest"] else warmest is None


@pytest.mark.parametrize("series", sorted(SERIES))
def test_series_of_the_central_bank_agree_with_their_files(landed: Installation, series: str) -> None:
    of_file = {
        datetime.strptime(entry["data"], "%d/%m/%Y").date(): Decimal(entry["valor"])  # noqa: DTZ007 - calendar dates
        for entry in json.loads(SERIES[series].read_text())
    }
    rows = duckdb.sql(
        f"""
        select reference_on, value
        from read_parquet('{landed.table("fact_economy")}')
        where series_id = '{series}' and is_latest
        """
    ).fetchall()
    assert {day: Decimal(str(value)) for day, value in rows} == pytest.approx(of_file)


def test_stations_with_5g_in_natal_agree_with_the_licensing_export(landed: Installation) -> None:
    with LICENCES.open(encoding="latin-1", newline="") as stream:
        licences = list(csv.DictReader(stream))
    stations = {licence["NumEstacao"] for licence in licences}
    operators = {licence["NomeEntidade"] for licence in licences}
    month = max(licence["DataLicenciamento"] for licence in licences)[:7] + "-01"
    last = duckdb.sql(
        f"""
        select month_on, stations_5g_count, operators_5g_count
        from read_parquet('{landed.table("fact_5g")}')
        where municipality_code = '2408102'
        order by month_on desc
        limit 1
        """
    ).fetchone()
    assert last == (date.fromisoformat(month), len(stations), len(operators))


def test_stations_of_salvador_are_the_real_figures(landed: Installation) -> None:
    rows = duckdb.sql(
        f"""
        select operator_name, list(published_stations_count order by generation_name)
        from read_parquet('{landed.table("fact_mobile_networks")}')
        where municipality_code = '2927408' and month_on = date '2025-04-01'
        group by operator_name
        """
    ).fetchall()
    assert dict(rows) == {
        "TIM": [311, 235, 418, 404],
        "Vivo": [147, 306, 375, 360],
        "Claro": [262, 398, 401, 373],
        "Brisanet": [27, 27],
    }


def test_counts_of_the_panel_are_taken_once_where_two_area_codes_repeat_them(landed: Installation) -> None:
    names = ("TCN_2G", "TCN_3G", "TCN_4G", "TCN_5G")
    with PANEL.open(encoding="utf-8-sig", newline="") as stream:
        entries = list(csv.DictReader(stream))
    by_operator = {(entry["COD_IBGE"], entry["PRESTADORA"]): [entry[name] for name in names] for entry in entries}
    row = duckdb.sql(
        f"""
        select sum(published_stations_count), count(*)
        from read_parquet('{landed.table("fact_mobile_networks")}')
        where published_stations_count is not null
        """
    ).fetchone()
    counts = [int(count) for of_operator in by_operator.values() for count in of_operator if count != "null"]
    assert len(by_operator) < len(entries)
    assert row == (sum(counts), len(counts))
