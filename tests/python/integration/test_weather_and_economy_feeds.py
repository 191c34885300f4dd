"""INMET and BACEN over real loopback HTTP, against the simulator that misbehaves as the true hosts do."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
import requests

from extractors import bacen, inmet
from extractors.catalog import extract
from extractors.http import FeedContractError, HttpClient
from extractors.lake import BronzeTable, Lake
from extractors.landing import land_files
from extractors.settings import Settings, Window
from simulator.assumptions import Dirt
from simulator.feeds.inmet import SHORT_FILE
from simulator.feeds.server import FeedServer
from simulator.feeds.world import FeedWorld

UNTIL = date(2026, 6, 14)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
HOURS_OF_2025 = 365 * 24


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with FeedServer(FeedWorld("ci", 11, UNTIL, Dirt())).running() as address:
        yield address


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def settings(address: str, tmp_path: Path) -> Settings:
    return Settings(
        lake_root=str(tmp_path / "lake"),
        today=date(2026, 6, 15),
        history_from=date(2025, 1, 1),
        inmet_base_url=f"{address}/inmet",
        inmet_token=FeedWorld.inmet_token,
        inmet_archive_base_url=f"{address}/inmet/uploads/dadoshistoricos",
        inmet_stations=("A402", "A410"),
        bacen_sgs_base_url=f"{address}/bacen/dados/serie",
        bacen_ptax_base_url=f"{address}/bacen/olinda/servico/PTAX/versao/v1/odata",
        bacen_focus_base_url=f"{address}/bacen/olinda/servico/Expectativas/versao/v1/odata",
    )


def bronze(lake_root: str, table: str, query: str) -> list[tuple[object, ...]]:
    files = f"read_parquet('{lake_root}/bronze/{table}/**/*.parquet', union_by_name = true)"
    return duckdb.sql(query.replace("bronze", files)).fetchall()


def test_past_years_come_from_the_archive_and_the_rest_from_the_api(settings: Settings, lake: Lake) -> None:
    """A402's file of 2025 ends in August: the API is asked for September on; no hour is missing and none is double."""
    first = extract(inmet.OBSERVATIONS, settings, lake, "r1")
    second = extract(inmet.OBSERVATIONS, settings, lake, "r2")

    rows = bronze(
        settings.lake_root,
        "inmet/observations",
        """
        select CD_ESTACAO, count(*), count(distinct (left(replace(DT_MEDICAO, '/', '-'), 10), left(HR_MEDICAO, 2))),
            max(replace(DT_MEDICAO, '/', '-')) filter (_source_uri like '%2025.zip%')
        from bronze where replace(DT_MEDICAO, '/', '-') < '2026-01-01' group by all order by all
        """,
    )
    assert rows == [
        ("A402", HOURS_OF_2025, HOURS_OF_2025, SHORT_FILE[2].isoformat()),
        ("A410", HOURS_OF_2025, HOURS_OF_2025, "2025-12-31"),
    ]
    assert first.rows_landed == first.rows_read
    assert (second.rows_landed, second.remarks) == (0, [])


def test_a_row_absent_a_row_without_values_and_a_zero_stay_three_things(settings: Settings, lake: Lake) -> None:
    """A410 keeps silent from 10 March to 5 April: blank rows in the archive of 2025, no rows in the API of 2026."""
    extract(inmet.OBSERVATIONS, replace(settings, inmet_stations=("A410",)), lake, "r1")

    [(blank, absent, zero)] = bronze(
        settings.lake_root,
        "inmet/observations",
        """
        select count(*) filter (DT_MEDICAO = '2025/03/20' and CHUVA = '' and TEM_INS = ''),
            count(*) filter (DT_MEDICAO = '2026-03-20'), count(*) filter (CHUVA = '0')
        from bronze
        """,
    )
    assert (blank, absent) == (24, 0)
    assert isinstance(zero, int)
    assert zero > 1000


def test_a_station_that_answers_204_is_reported_and_fails_nothing(settings: Settings, lake: Lake) -> None:
    settings = replace(settings, inmet_stations=("A401", "A422"), inmet_archive_base_url="")

    landing = extract(inmet.OBSERVATIONS, settings, lake, "r1")

    assert list(lake.datasets(inmet.OBSERVATIONS)) == ["A401"]
    assert landing.remarks == ["station A422 has no observation from 2025-01-01 to 2026-06-15"]


def test_an_archive_that_is_not_there_leaves_its_year_to_the_api(settings: Settings, lake: Lake) -> None:
    settings = replace(settings, inmet_archive_base_url=f"{settings.inmet_base_url}/nowhere", inmet_stations=("A401",))

    landing = extract(inmet.OBSERVATIONS, settings, lake, "r1")

    assert landing.remarks == ["the archive of 2025 is not there; the API is asked for that year"]
    assert landing.first_day == date(2025, 1, 1)


def test_a_wrong_token_is_refused_with_200_and_nowhere_to_be_read(settings: Settings, lake: Lake) -> None:
    with pytest.raises(FeedContractError, match="check INMET_TOKEN") as caught:
        extract(inmet.OBSERVATIONS, replace(settings, inmet_token="segredo", inmet_archive_base_url=""), lake, "r1")

    assert "segredo" not in str(caught.value)
    assert "segredo" not in Path(f"{caught.value.kept_at}.reason.json").read_text()


def test_the_archive_serves_parts_of_one_version(settings: Settings, tmp_path: Path) -> None:
    url = f"{settings.inmet_archive_base_url}/2019.zip"
    with HttpClient() as client:
        client.download(url, tmp_path / "2019.zip", feed="f", window="w")
        whole = (tmp_path / "2019.zip").read_bytes()
        head = client.get_range(url, 0, 4, feed="f", window="w")
        tail = client.get_range(
            url, len(whole) - 9, len(whole) + 9, feed="f", window="w", unchanged_since=head.validator
        )

    assert (head.body, tail.body, head.total_bytes) == (whole[:4], whole[-9:], len(whole))
    assert requests.get(url, headers={**BROWSER, "Range": f"bytes={len(whole)}-"}, timeout=30).status_code == 416
    other = requests.get(url, headers={**BROWSER, "Range": "bytes=4-", "If-Range": '"old"'}, timeout=30)
    assert (other.status_code, other.content == whole) == (200, True)
    assert requests.get(url, headers={"User-Agent": "curl"}, timeout=30).status_code == 403


@pytest.mark.parametrize(
    ("year", "first_hour", "missing"),
    [(2018, ("2018-01-01", "00:00"), "-9999"), (2019, ("2019/01/01", "0000 UTC"), "")],
)
def test_older_archives_land_from_their_zip(
    *, settings: Settings, lake: Lake, tmp_path: Path, year: int, first_hour: tuple[str, str], missing: str
) -> None:
    """The three generations: the third is what the other tests here read."""
    path = tmp_path / f"{year} (1).zip"
    with HttpClient() as client:
        client.download(f"{settings.inmet_archive_base_url}/{year}.zip", path, feed="f", window="w")

    (landing,) = land_files("inmet", [path], lake, "r1")

    rows = bronze(
        settings.lake_root,
        "inmet/observations",
        "select DT_MEDICAO, HR_MEDICAO, RAD_GLO from bronze where CD_ESTACAO = 'A401' order by 1, 2 limit 1",
    )
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if not name.endswith("/")]
    assert (landing.rows_landed, len(lake.datasets(inmet.OBSERVATIONS))) == (len(members) * HOURS_OF_2025, len(members))
    assert rows == [(*first_hour, missing)]


def test_expectations_are_paged_and_their_keys_are_unique(
    settings: Settings, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bacen, "FOCUS_PAGE_ROWS", 700)
    settings = replace(settings, history_from=date(2026, 3, 1))

    landing = extract(bacen.FOCUS_EXPECTATIONS, settings, lake, "r1")
    again = extract(bacen.FOCUS_EXPECTATIONS, settings, lake, "r2")

    [(rows, keys, bases, indicators, pages)] = bronze(
        settings.lake_root,
        "bacen/focus_expectations",
        """
        select count(*), count(distinct (Indicador, Data, DataReferencia, baseCalculo)), count(distinct baseCalculo),
            count(distinct Indicador), count(distinct _source_uri)
        from bronze
        """,
    )
    assert rows == keys == landing.rows_landed
    assert (bases, indicators, pages) == (2, 5, 10)
    assert again.rows_landed == 0


def test_bulletins_and_the_banks_own_closings_are_two_datasets(settings: Settings, lake: Lake) -> None:
    extract(bacen.PTAX_QUOTES, replace(settings, history_from=date(2026, 5, 1)), lake, "r1")

    rows = bronze(
        settings.lake_root,
        "bacen/ptax_quotes",
        """
        select _dataset_id, count(*) // count(distinct left(dataHoraCotacao, 10)),
            count(distinct length(split_part(dataHoraCotacao, '.', 2))) > 1
        from bronze group by all order by all
        """,
    )
    assert rows == [("ptax.USD", 5, True), ("ptax.USD.fechamento", 1, True)]


def test_every_series_of_the_registry_lands_within_its_windows(settings: Settings, lake: Lake) -> None:
    """Daily series are cut at ten years; the dollar of a currency before the real is not asked for."""
    extract(bacen.SGS_OBSERVATIONS, replace(settings, history_from=date(1990, 1, 1)), lake, "r1")

    assert sorted(lake.datasets(bacen.SGS_OBSERVATIONS)) == sorted(s.dataset_id for s in bacen.registry("sgs"))
    [(oldest_asked,)] = bronze(
        settings.lake_root,
        "bacen/sgs_observations",
        """
        select min(regexp_extract(_source_uri, 'dataInicial=(../../....)', 1)) from bronze
        where _dataset_id = 'sgs.10813'
        """,
    )
    # The third window of ten years since the real began, the first one with values here.
    assert oldest_asked == "01/07/2014"


@pytest.mark.parametrize(
    "table", [inmet.OBSERVATIONS, bacen.SGS_OBSERVATIONS, bacen.PTAX_QUOTES, bacen.FOCUS_EXPECTATIONS], ids=str
)
def test_months_asked_for_are_read_again_exactly_and_as_the_daily_run_had_them(
    settings: Settings, lake: Lake, table: BronzeTable
) -> None:
    window = Window(date(2026, 2, 1), date(2026, 3, 31))
    asked = extract(table, replace(settings, window=window), lake, "r1")
    again = extract(table, replace(settings, window=window), lake, "r2")

    assert (asked.first_day, asked.last_day) == (date(2026, 2, 1), date(2026, 3, 1))
    assert (asked.first_read, asked.last_read) == (date(2026, 2, 1), date(2026, 3, 1))
    assert (again.rows_read, again.rows_unchanged, again.files) == (asked.rows_read, asked.rows_read, [])

    # What the daily run reads of these months equals what the window read.
    daily = replace(settings, history_from=date(2026, 1, 1), inmet_archive_base_url="")
    late = extract(table, daily, Lake(f"{settings.lake_root}-daily"), "r3")
    in_window = [file for file in late.files if "month=02" in file or "month=03" in file]
    assert rows_of(in_window) == rows_of(asked.files)


def rows_of(files: list[str]) -> list[tuple[object, ...]]:
    """Content of bronze files without its metadata, sorted."""
    return duckdb.sql(
        f"select columns(c -> not starts_with(c, '_') or c = '_dataset_id') from read_parquet({files}) order by all"
    ).fetchall()


def test_an_html_page_with_200_is_refused_and_not_retried(address: str) -> None:
    url = f"{address}/bacen/dados/serie/bcdata.sgs.433/dados?formato=json&dataInicial=02/01/2026&dataFinal=01/01/2026"
    with HttpClient() as client:
        reply = client.get(url, feed="bacen/sgs_observations", window="w")

    assert reply.status == 200
    with pytest.raises(FeedContractError, match="an HTML or XML page"):
        bacen.parse_sgs_json(reply.body, window="w")


def test_a_revised_value_becomes_a_vintage_beside_the_old_one(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "sgs_433.json"
    for run, value in (("r1", "0.42"), ("r2", "0.45")):
        path.write_text(json.dumps([{"data": "01/01/2016", "valor": value}]))
        land_files("bacen", [path], lake, run)

    values = bronze(
        str(tmp_path / "lake"), "bacen/sgs_observations", "select valor, _run_id from bronze order by _extracted_at"
    )
    assert values == [("0.42", "r1"), ("0.45", "r2")]
