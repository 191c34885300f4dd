"""ANATEL over loopback HTTP: only what is wanted and new is transferred, in parts where the server serves them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from extractors import anatel, remote_file
from extractors.catalog import extract
from extractors.http import FeedContractError, FeedUnavailable, HttpClient
from extractors.lake import Lake
from extractors.remote_file import open_remote
from extractors.settings import Settings, Window
from simulator.assumptions import Dirt
from simulator.feeds import anatel as served
from simulator.feeds.server import FeedServer
from simulator.feeds.world import FeedWorld

UNTIL = date(2026, 6, 14)


@pytest.fixture
def world() -> FeedWorld:
    return FeedWorld("ci", 11, UNTIL, Dirt())


@pytest.fixture
def base(world: FeedWorld) -> Iterator[str]:
    with FeedServer(world).running() as address:
        yield f"{address}/anatel/dadosabertos/paineis_de_dados"


@pytest.fixture
def settings(base: str, tmp_path: Path) -> Settings:
    lake_root = str(tmp_path / "lake")
    return Settings(lake_root, date(2026, 6, 15), date(2025, 9, 1), anatel_base_url=base)


def months(settings: Settings) -> dict[date, tuple[int, int]]:
    """Rows and accesses by month, as staging would see them: the newest vintage."""
    glob = f"{settings.lake_root}/bronze/anatel/mobile_accesses/**/*.parquet"
    rows = duckdb.sql(
        f"""
        select make_date("Ano"::int, "Mês"::int, 1), count(*), sum("Acessos"::double)::bigint
        from (
            select *, max(_extracted_at) over (partition by "Ano", "Mês") as newest_at
            from read_parquet('{glob}', union_by_name = true)
        )
        where _extracted_at = newest_at
        group by all
        """
    ).fetchall()
    return {month: (count, accesses) for month, count, accesses in rows}


def test_only_new_half_years_of_the_wanted_states_are_landed(world: FeedWorld, settings: Settings) -> None:
    lake = Lake(settings.lake_root)
    first = extract(anatel.MOBILE_ACCESSES, settings, lake, "r1")
    again = extract(anatel.MOBILE_ACCESSES, settings, lake, "r2")
    before = months(settings)
    world.until = date(2026, 7, 14)  # June is published, and May anew: preliminary months shrink
    later = extract(anatel.MOBILE_ACCESSES, settings, lake, "r3")
    after = months(settings)

    assert (first.first_day, first.last_day, len(first.files)) == (date(2025, 7, 1), date(2026, 5, 1), 11)
    assert set(lake.datasets(anatel.MOBILE_ACCESSES)) == {"BA"}
    assert (again.rows_read, again.files) == (0, [])
    assert (later.first_day, later.last_day) == (date(2026, 5, 1), date(2026, 6, 1))
    assert after[date(2026, 5, 1)][1] < before[date(2026, 5, 1)][1]
    assert {month: value for month, value in after.items() if month < date(2026, 5, 1)} == {
        month: value for month, value in before.items() if month < date(2026, 5, 1)
    }


def test_another_choice_of_states_is_fetched_at_once(settings: Settings) -> None:
    lake = Lake(settings.lake_root)
    extract(anatel.MOBILE_ACCESSES, settings, lake, "r1")
    landing = extract(anatel.MOBILE_ACCESSES, replace(settings, anatel_states=("BA", "SE")), lake, "r2")

    assert landing.rows_unchanged > landing.rows_landed > 0
    assert set(lake.datasets(anatel.MOBILE_ACCESSES)) == {"BA", "SE"}


def test_months_are_read_again_at_any_time_and_only_these(world: FeedWorld, settings: Settings) -> None:
    lake = Lake(settings.lake_root)
    quarter = replace(settings, window=Window(date(2025, 12, 1), date(2026, 2, 28)))
    first = extract(anatel.MOBILE_ACCESSES, quarter, lake, "r1")
    again = extract(anatel.MOBILE_ACCESSES, quarter, lake, "r2")

    assert (first.first_day, first.last_day, len(first.files)) == (date(2025, 12, 1), date(2026, 2, 1), 3)
    assert (again.rows_read, again.files) == (first.rows_landed, [])
    # A window says nothing of the rest of its half-years: the daily run still fetches them.
    assert len(extract(anatel.MOBILE_ACCESSES, settings, lake, "r3").files) == 8


def test_a_month_that_the_register_shows_no_more_is_said_to_be_gone(settings: Settings) -> None:
    lake = Lake(settings.lake_root)
    gone = extract(
        anatel.SMP_STATIONS, replace(settings, window=Window(date(2025, 1, 1), date(2025, 1, 31))), lake, "r1"
    )
    shown = extract(
        anatel.SMP_STATIONS, replace(settings, window=Window(date(2026, 5, 1), date(2026, 5, 31))), lake, "r2"
    )

    assert (gone.rows_read, gone.remarks) == (
        0,
        ["the source shows 2026-05 now, none of 2025-01-01..2025-01-31: nothing to read again"],
    )
    assert shown.rows_landed > 0


def test_the_register_that_was_landed_is_not_transferred_again(
    world: FeedWorld, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(settings.lake_root)
    first = extract(anatel.SMP_STATIONS, settings, lake, "r1")
    again = extract(anatel.SMP_STATIONS, settings, lake, "r2")
    world.until = date(2026, 7, 14)
    later = extract(anatel.SMP_STATIONS, settings, lake, "r3")

    assert first.rows_landed > 0
    assert again.rows_read == 0
    assert (later.first_day, later.rows_landed > 0) == (date(2026, 6, 1), True)


def test_a_member_is_read_without_the_rest_of_the_archive(
    base: str, world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_file, "BLOCK_BYTES", 4096)
    monkeypatch.setattr(remote_file, "TAIL_BYTES", 2048)
    whole = served.accesses_zip(world, served.release_day(UNTIL))
    with HttpClient(requests_per_second=0) as client:
        remote = open_remote(client, f"{base}/{anatel.ACCESSES_FILE}", feed="f", window="w")
        assert remote is not None
        with zipfile.ZipFile(remote) as archive:
            name = "Acessos_Telefonia_Movel_2026_1S.csv"
            body = archive.read(name)
            packed = archive.getinfo(name).compress_size

    assert body == zipfile.ZipFile(io.BytesIO(whole)).read(name)
    assert remote.size == len(whole)
    assert remote.bytes_fetched < packed + 3 * 4096 + 2048 < len(whole) / 3


def test_an_archive_that_changes_while_it_is_read_is_unavailable(
    base: str, world: FeedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_file, "BLOCK_BYTES", 4096)
    with HttpClient(requests_per_second=0) as client:
        remote = open_remote(client, f"{base}/{anatel.ACCESSES_FILE}", feed="f", window="w")
        assert remote is not None
        remote.read(10)
        world.until = date(2026, 7, 14)
        with pytest.raises(FeedUnavailable, match="changed while it was read"):
            remote.read(10_000)


def test_an_archive_without_half_years_is_refused_with_what_it_holds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.feeds.accesses.half_years", lambda _: [])
    with pytest.raises(FeedContractError, match=r"no half-year of accesses among the 2 members \['Acessos_Tele"):
        extract(anatel.MOBILE_ACCESSES, settings, Lake(settings.lake_root), "r1")


def test_a_server_without_parts_sends_the_archive_whole(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with_parts = extract(anatel.MOBILE_ACCESSES, settings, Lake(settings.lake_root), "r1")
    monkeypatch.setattr("extractors.anatel.open_remote", lambda *_, **__: None)
    without = replace(settings, lake_root=f"{settings.lake_root}-whole")
    whole = extract(anatel.MOBILE_ACCESSES, without, Lake(without.lake_root), "r1")

    assert (whole.rows_read, whole.rows_landed) == (with_parts.rows_read, with_parts.rows_landed)
    assert months(without) == months(settings)
