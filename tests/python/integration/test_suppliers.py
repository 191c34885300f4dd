"""Supplier quotes: the parser, the way over loopback HTTP, and the simulator's replies against their OpenAPI page."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq
import pytest
import requests
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.catalog import extract
from extractors.http import FeedContractError
from extractors.lake import Lake
from extractors.landing import land_files
from extractors.settings import Settings
from extractors.suppliers import PAGE_ROWS, QUOTES, parse_quotes
from simulator.assumptions import Dirt
from simulator.feeds.server import FeedServer
from simulator.feeds.supplier_quotes import all_quotes
from simulator.feeds.world import FeedWorld

OPENAPI = Path(__file__).parents[3] / "docs" / "supplier-quotes.openapi.yaml"
UNTIL = date(2026, 6, 14)
QUOTE = {
    "quote_id": "Q1",
    "supplier_id": "F00001",
    "item_id": "000123",
    "quoted_on": "2026-06-01",
    "valid_until": None,
    "unit_price": 10.50,
    "currency": "BRL",
    "min_order_quantity": 5,
    "pack_size": 1,
    "lead_time": 2,
    "lead_time_unit": "weeks",
    "updated_at": "2026-06-01T15:00:00Z",
}


def page(*quotes: dict[str, Any], cursor: str | None = None) -> bytes:
    return json.dumps({"data": quotes, "next_cursor": cursor}).encode()


@pytest.fixture(scope="module")
def world() -> FeedWorld:
    return FeedWorld("ci", 11, UNTIL, Dirt())


@pytest.fixture(scope="module")
def address(world: FeedWorld) -> Iterator[str]:
    with FeedServer(world).running() as address:
        yield f"{address}/suppliers"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


@pytest.fixture
def known(address: str, world: FeedWorld) -> Settings:
    return Settings(
        "/lake",
        date(2026, 6, 15),
        date(2024, 1, 1),
        suppliers_base_url=address,
        suppliers_token=world.suppliers_token,
    )


def validator(schema: str) -> jsonschema.Draft202012Validator:
    page = yaml.safe_load(OPENAPI.read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": page["components"]},
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def fetch(address: str, token: str | None = FeedWorld.suppliers_token, **query: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{address}/quotes", params=query, headers=headers, timeout=30)


def test_replies_of_the_simulator_are_what_the_openapi_page_says(address: str) -> None:
    good = fetch(address, limit=500).json()

    assert len(good["data"]) > 50
    assert list(validator("Page").iter_errors(good)) == []
    for fault, status in (
        (fetch(address, token=None), 401),
        (fetch(address, token="wrong"), 401),
        (fetch(address, limit=0), 400),
        (fetch(address, limit="many"), 400),
        (fetch(address, cursor="x"), 400),
        (fetch(address, updated_since="yesterday"), 400),
    ):
        assert fault.status_code == status
        assert list(validator("Fault").iter_errors(fault.json())) == []


def test_the_page_refuses_what_the_parser_could_not_use() -> None:
    schema = validator("Quote")

    assert schema.is_valid(QUOTE)
    for change in ({"lead_time_unit": "years"}, {"updated_at": "2026-06-01 15:00"}, {"unit_price": "10"}):
        assert not schema.is_valid(QUOTE | change)


def test_pages_follow_each_other_and_end(address: str, world: FeedWorld) -> None:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 7}
    while True:
        reply = fetch(address, **query).json()
        found += reply["data"]
        if reply["next_cursor"] is None:
            break
        query["cursor"] = reply["next_cursor"]

    assert found == all_quotes(world)


def test_quotes_fit_the_catalogue_and_know_nothing_of_tomorrow(world: FeedWorld) -> None:
    items, suppliers, _ = world.catalogue
    quotes = all_quotes(world)
    later = FeedWorld("ci", 11, date(2026, 7, 20), Dirt(), first_day=world._first_day)

    assert {quote["item_id"] for quote in quotes} <= set(items.ids)
    assert {quote["supplier_id"] for quote in quotes} <= set(suppliers.ids)
    assert max(quote["quoted_on"] for quote in quotes) <= UNTIL.isoformat()
    assert {quote["lead_time_unit"] for quote in quotes} == {"days", "weeks", "months"}
    again = {quote["quote_id"]: quote for quote in all_quotes(later)}
    assert [quote for quote in quotes if again.get(quote["quote_id"], quote) != quote] == []
    assert len(again.keys() & {quote["quote_id"] for quote in quotes}) > 20


def test_quotes_land_once_and_later_only_what_changed(lake: Lake, known: Settings, world: FeedWorld) -> None:
    first = extract(QUOTES, known, lake, "r1")
    second = extract(QUOTES, known, lake, "r2")

    assert first.rows_landed == len(all_quotes(world))
    assert (second.rows_landed, second.files) == (0, [])
    assert second.rows_unchanged == second.rows_read < first.rows_read


def test_token_is_sent_and_is_nowhere_in_the_logs_or_the_lake(
    lake: Lake, known: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    landing = extract(QUOTES, known, lake, "r1")

    assert FeedWorld.suppliers_token not in caplog.text
    assert FeedWorld.suppliers_token not in repr(known)
    uris = pq.read_table(landing.files[0], partitioning=None).column("_source_uri").to_pylist()
    assert all(uri.endswith(f"/suppliers/quotes?limit={PAGE_ROWS}") or "cursor=" in uri for uri in uris)


def test_wrong_token_is_refused_with_what_to_do(lake: Lake, known: Settings) -> None:
    with pytest.raises(FeedContractError, match=r"status 401.*check SUPPLIERS_TOKEN"):
        extract(QUOTES, replace(known, suppliers_token="wrong"), lake, "r1")

    assert lake.datasets(QUOTES) == {}


def test_feed_that_is_not_set_up_is_no_error(lake: Lake, known: Settings) -> None:
    landing = extract(QUOTES, replace(known, suppliers_base_url=""), lake, "r1")

    assert (landing.rows_read, landing.files) == (0, [])


def test_file_lands_like_a_reply_and_only_once(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "quotes.json"
    path.write_bytes(page(QUOTE, QUOTE | {"quote_id": "Q2"}))

    (first,) = land_files("suppliers", [path], lake, "r1")
    (second,) = land_files("suppliers", [path], lake, "r2")

    assert (first.rows_landed, first.first_day) == (2, date(2026, 6, 1))
    assert (second.rows_landed, second.rows_unchanged) == (0, 2)


def test_file_does_not_keep_older_quotes_of_the_service_from_landing(
    lake: Lake, known: Settings, world: FeedWorld, tmp_path: Path
) -> None:
    path = tmp_path / "quotes.json"
    path.write_bytes(page(QUOTE | {"updated_at": "2026-06-14T23:00:00Z"}))
    land_files("suppliers", [path], lake, "r1")

    assert extract(QUOTES, known, lake, "r2").rows_landed == len(all_quotes(world))


def test_numbers_stay_as_they_were_sent() -> None:
    rows, cursor = parse_quotes(page(QUOTE, cursor="next"), window="w")

    assert rows.to_pylist() == [
        QUOTE | {"unit_price": "10.5", "min_order_quantity": "5", "pack_size": "1", "lead_time": "2"}
    ]
    assert cursor == "next"


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (b"<html>", "an HTML or XML page"),
        (b'{"error": {"code": "x", "message": "y"}}', "an error object"),
        (b"[]", "no array 'data'"),
        (b'{"data": {}}', "no array 'data'"),
        (b'{"data": [], "next_cursor": []}', "a next_cursor that is a list"),
        (page({"quote_id": "Q1"}), "columns missing"),
        (page(QUOTE | {"quote_id": None}), "element 0 has quote_id None"),
        (page(QUOTE, QUOTE | {"updated_at": "01/06/2026"}), "element 1 has quote_id 'Q1' and updated_at '01/06/2026'"),
        (page(QUOTE | {"updated_at": "2026-13-01T15:00:00Z"}), "element 0 has"),
        (page(QUOTE | {"unit_price": True}), "element 0 has a bool"),
    ],
)
def test_malformed_replies_are_refused(body: bytes, seen: str) -> None:
    with pytest.raises(FeedContractError) as caught:
        parse_quotes(body, window="w")

    assert seen in caught.value.seen


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 400), length=st.integers(0, 30), junk=st.binary(max_size=6), other=st.binary(max_size=60))
def test_any_bytes_give_every_quote_or_a_contract_error(cut: int, length: int, junk: bytes, other: bytes) -> None:
    good = page(QUOTE, QUOTE)
    for body in (good[:cut] + junk + good[cut + length :], other):
        try:
            rows, _ = parse_quotes(body, window="w")
        except FeedContractError:
            continue
        assert rows.num_rows == len(json.loads(body.decode("utf-8-sig", errors="replace"))["data"])
