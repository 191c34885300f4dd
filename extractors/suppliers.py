"""Supplier quotes: prices and lead times that suppliers offer, from a small REST service or from a file of its reply.

The service is described in `docs/supplier-quotes.openapi.yaml`. Pages follow a cursor; later reads ask for what changed
since the newest known change, with a look-back, and land only what differs from bronze. Whether an offer makes sense
(a price of zero, an unknown currency) is judged downstream.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc
import requests

from extractors.http import FeedContractError, HttpClient, excerpt
from extractors.lake import Batch, BronzeTable, Lake, Landing, conform
from extractors.settings import Settings
from extractors.text import LOOK_AT_IT, json_value, objects_to_table

logger = logging.getLogger(__name__)

QUOTES = BronzeTable(
    source="suppliers",
    table="quotes",
    schema=pa.schema(
        [
            (name, pa.string())
            for name in (
                *("quote_id", "supplier_id", "item_id", "quoted_on", "valid_until", "unit_price", "currency"),
                *("min_order_quantity", "pack_size", "lead_time", "lead_time_unit", "updated_at"),
            )
        ]
    ),
    kind="changes",
    key=("quote_id",),
)
DATASET_ID = "quotes"
PAGE_ROWS = 500
MAX_PAGES = 10_000
LOOK_BACK = timedelta(days=1)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z")


class _BearerClient(HttpClient):
    """Sends the token as a header, which redirects to another host do not take along, and masks it everywhere."""

    def __init__(self, token: str) -> None:
        super().__init__(secrets=(token,))
        self._authorization = {"Authorization": f"Bearer {token}"} if token else {}

    @contextmanager
    def _open(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        with super()._open(url, {**headers, **self._authorization}) as response:
            yield response


def parse_quotes(body: bytes, *, window: str, name: str = "quotes.json") -> tuple[pa.Table, str | None]:
    """Parse one page: its quotes as text, one row each, and the cursor of the next page.

    Args:
        body: The reply.
        window: Page for messages.
        name: File name for the quarantine.

    Returns:
        The rows, and None as the cursor of the last page.

    Raises:
        FeedContractError: Anything but an object with `data`, a quote without id, or a change without a moment in UTC.
    """
    feed = QUOTES.name

    def broken(seen: str) -> FeedContractError:
        return FeedContractError(feed, window, seen, LOOK_AT_IT, payload=body, name=name)

    reply = json_value(body, feed, window, name=name)
    if not isinstance(reply, dict) or not isinstance(reply.get("data"), list):
        raise broken(f"no array 'data' in the reply: {excerpt(body)}")
    cursor = reply.get("next_cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise broken(f"a next_cursor that is a {type(cursor).__name__}")
    if not reply["data"]:
        return QUOTES.schema.empty_table(), cursor
    rows = objects_to_table(reply["data"], feed=feed, window=window, body=body, name=name)
    try:
        rows = conform(QUOTES, rows, window=window)
    except FeedContractError as error:
        error.payload, error.name = body, name
        raise
    identified = zip(rows.column("quote_id").to_pylist(), rows.column("updated_at").to_pylist(), strict=True)
    for number, (quote_id, updated_at) in enumerate(identified):
        if not quote_id or _moment(updated_at) is None:
            raise broken(f"element {number} has quote_id {quote_id!r} and updated_at {updated_at!r}")
    return rows, cursor or None


def extract(table: BronzeTable, settings: Settings, lake: Lake, run_id: str, folder: Path) -> Landing:
    """Land the quotes that are new or changed; nothing where no service is set up."""
    del folder
    base = settings.suppliers_base_url
    if not base:
        logger.info("SUPPLIERS_BASE_URL is not set: supplier quotes are not used")
        return Landing(table)
    since = _since(lake, settings)
    known = _newest_known(lake, since) if since else {}
    landing_read = 0

    def news(client: HttpClient) -> Iterator[Batch]:
        nonlocal landing_read
        for rows, url in _pages(client, base, since):
            landing_read += rows.num_rows
            fresh = [place for place, row in enumerate(rows.to_pylist()) if known.get(row["quote_id"]) != row]
            yield Batch(DATASET_ID, settings.today, rows.take(pa.array(fresh, pa.int64())), url)

    with _BearerClient(settings.suppliers_token) as client:
        landing = lake.land(table, news(client), run_id=run_id)
    landing.rows_read = landing_read
    landing.rows_unchanged = landing_read - landing.rows_landed
    return landing


def file_batches(path: Path) -> Iterator[Batch]:
    """Read a file that holds one reply of the service, as of its newest change."""
    rows, cursor = parse_quotes(path.read_bytes(), window=path.name, name=path.name)
    if cursor is not None:
        logger.warning("%s is one page of several; land the other pages, too", path.name)
    if rows.num_rows:
        newest = max(rows.column("updated_at").to_pylist())
        yield Batch(f"{DATASET_ID}.{path.stem}", datetime.fromisoformat(newest).date(), rows, f"file:{path.name}")


def _pages(client: HttpClient, base: str, since: str | None) -> Iterator[tuple[pa.Table, str]]:
    cursor: str | None = None
    seen: set[str] = set()
    for page in range(1, MAX_PAGES + 1):
        asked = {"limit": str(PAGE_ROWS), "updated_since": since, "cursor": cursor}
        url = f"{base}/quotes?{urlencode({name: value for name, value in asked.items() if value is not None})}"
        window = f"page {page} since {since or 'the beginning'}"
        reply = client.get(url, feed=QUOTES.name, window=window)
        if reply.status in (401, 403):
            raise FeedContractError(
                QUOTES.name, window, f"status {reply.status}", "check SUPPLIERS_TOKEN; the token was refused"
            )
        with reply.judged():
            rows, cursor = parse_quotes(reply.body, window=window, name=f"quotes_page_{page}.json")
        yield rows, reply.url
        if cursor is None:
            return
        if cursor in seen:
            break
        seen.add(cursor)
    raise FeedContractError(
        QUOTES.name, f"page {page}", f"pages without end: the cursor {cursor!r} leads on and on", LOOK_AT_IT
    )


def _since(lake: Lake, settings: Settings) -> str | None:
    """Return the moment from which to ask the service, or None for everything.

    Files do not count: one may be newer than anything that was asked for. A change dated ahead must not hide later
    ones.
    """
    if DATASET_ID not in lake.datasets(QUOTES):
        return None
    schema = pa.schema([QUOTES.schema.field("updated_at"), ("_dataset_id", pa.string())])
    read = lake.dataset(QUOTES, schema).to_table(filter=pc.field("_dataset_id") == DATASET_ID)
    greatest = _moment(pc.max(read.column("updated_at")).as_py())
    if greatest is None:
        return None
    end_of_today = datetime.combine(settings.today, datetime.min.time(), UTC) + timedelta(days=1)
    return f"{min(greatest, end_of_today) - LOOK_BACK:%Y-%m-%dT%H:%M:%SZ}"


def _newest_known(lake: Lake, since: str) -> dict[str, dict[str, str | None]]:
    """Return what bronze knows of the quotes that changed within the look-back, by their ids."""
    schema = pa.schema([*QUOTES.schema, ("_extracted_at", pa.timestamp("us", tz="UTC"))])
    rows = lake.dataset(QUOTES, schema).to_table(filter=pc.field("updated_at") >= since).sort_by("_extracted_at")
    return {row["quote_id"]: row for row in rows.drop_columns("_extracted_at").to_pylist()}


def _moment(text: str | None) -> datetime | None:
    if text is None or MOMENT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
