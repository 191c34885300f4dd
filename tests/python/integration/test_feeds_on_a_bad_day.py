"""On a bad day of all sources the lake ends as on a good one: retries heal what can heal, a later run the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from pathlib import Path

import duckdb
import pytest

from extractors.catalog import TABLES, extract
from extractors.http import FeedContractError, HttpClient
from extractors.lake import BronzeTable, Lake
from extractors.settings import Settings
from simulator.assumptions import Dirt
from simulator.feeds.chaos import CUT, PAGE, SLOW, THROTTLED, UNAVAILABLE, Chaos
from simulator.feeds.server import FeedServer
from simulator.feeds.world import FeedWorld

HTTP_TABLES = [table for table in TABLES if table.source in {"inmet", "bacen", "anatel"}]
MANY_RUNS = 40


@dataclass
class Pauses:
    """What the client would have slept."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    """Clients of all feeds that do not wait and do not queue."""
    pauses = Pauses()
    client: Callable[..., HttpClient] = partial(HttpClient, backoff_seconds=0.0, requests_per_second=0, sleep=pauses)
    for source in ("inmet", "bacen", "anatel"):
        monkeypatch.setattr(f"extractors.{source}.HttpClient", client)
    return pauses


@cache
def world() -> FeedWorld:
    """One world for all tests: making its weather takes longer than serving it."""
    return FeedWorld("ci", 11, date(2026, 6, 14), Dirt())


@contextmanager
def served(root: Path, chaos: Chaos | None = None) -> Iterator[tuple[Settings, Lake]]:
    with FeedServer(world(), chaos).running() as address:
        settings = Settings.from_environment(
            {
                "LAKE_ROOT": str(root),
                "NOVA_TODAY": "2026-06-15",
                "NOVA_HISTORY_FROM": "2025-11-01",
                "INMET_BASE_URL": f"{address}/inmet",
                "INMET_TOKEN": FeedWorld.inmet_token,
                "BACEN_SGS_BASE_URL": f"{address}/bacen/dados/serie",
                "BACEN_PTAX_BASE_URL": f"{address}/bacen/olinda/servico/PTAX/versao/v1/odata",
                "BACEN_FOCUS_BASE_URL": f"{address}/bacen/olinda/servico/Expectativas/versao/v1/odata",
                "ANATEL_BASE_URL": f"{address}/anatel/dadosabertos/paineis_de_dados",
            }
        )
        yield settings, Lake(str(root))


def content(root: Path) -> dict[str, tuple[int, int]]:
    """Rows of each table and a hash of them, the metadata apart; every vintage counts."""
    found = {}
    for table in HTTP_TABLES:
        files = [str(path) for path in (root / "bronze" / table.source / table.table).rglob("*.parquet")]
        if files:
            row = duckdb.sql(
                f"""
                select count(*), sum(hash(bronze)::hugeint)
                from (
                    select * exclude (_source, _extracted_at, _run_id, _source_uri)
                    from read_parquet({files}, union_by_name = true)
                ) as bronze
                """
            ).fetchone()
            assert row is not None
            found[table.name] = (int(row[0]), int(row[1]))
    return found


@pytest.fixture(scope="module")
def good_day(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    root = tmp_path_factory.mktemp("good") / "lake"
    with served(root) as (settings, lake):
        for table in HTTP_TABLES:
            extract(table, settings, lake, "good")
    return content(root)


def test_errors_cuts_refusals_and_slow_bodies_change_nothing(
    good_day: dict[str, tuple[int, int]], pauses: Pauses, tmp_path: Path
) -> None:
    chaos = Chaos(seed=8)
    with served(tmp_path / "lake", chaos) as (settings, lake):
        for table in HTTP_TABLES:
            extract(table, settings, lake, "bad")

    assert content(tmp_path / "lake") == good_day
    assert len(good_day) == len(HTTP_TABLES) - 1  # the panel's counts are landed by hand
    assert min(chaos.happened[kind] for kind in (UNAVAILABLE, CUT, THROTTLED, SLOW)) > 0
    assert sum(pause >= chaos.retry_after_seconds for pause in pauses.seconds) == chaos.happened[THROTTLED]


def test_a_page_with_200_stops_its_step_by_name_and_the_next_run_catches_up(
    good_day: dict[str, tuple[int, int]], pauses: Pauses, tmp_path: Path
) -> None:
    chaos = Chaos(seed=9, page=0.10)
    refused: list[str] = []

    def land(table: BronzeTable, settings: Settings, lake: Lake) -> None:
        for _ in range(MANY_RUNS):
            before = content(tmp_path / "lake").get(table.name)
            try:
                extract(table, settings, lake, "bad")
            except FeedContractError as error:
                assert "an HTML or XML page" in error.seen or "status 200" in error.seen
                assert error.feed == table.name
                # Of the accesses, the half-years before the broken one stay.
                assert table.table == "mobile_accesses" or content(tmp_path / "lake").get(table.name) == before
                refused.append(error.feed)
            else:
                return
        pytest.fail(f"{table.name} did not catch up")

    with served(tmp_path / "lake", chaos) as (settings, lake):
        for table in HTTP_TABLES:
            land(table, settings, lake)

    assert content(tmp_path / "lake") == good_day
    assert chaos.happened[PAGE] > 0
    assert refused


def test_a_bad_day_is_the_same_whatever_the_order_of_its_requests() -> None:
    addresses = [f"/path/{number}" for number in range(400)]
    forwards, backwards = Chaos(seed=1, page=0.02), Chaos(seed=1, page=0.02)
    fates = {address: forwards.fate(address)[0] for address in addresses}
    assert fates == {address: backwards.fate(address)[0] for address in reversed(addresses)}
    assert 20 <= forwards.happened[UNAVAILABLE] <= 60
    for _ in range(forwards.most_per_address - 1):
        forwards.fate(addresses[0])
    assert all(forwards.fate(addresses[0])[0] in {"", SLOW} for _ in range(50))
