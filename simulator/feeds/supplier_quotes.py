"""The purchasing portal's quotes: each supplier offers the items that it delivers, and rivals of its category some.

Described in docs/supplier-quotes.openapi.yaml. A quote never changes once it is given, and depends on
nothing that comes after its day.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.catalogue import Items, Suppliers
from simulator.clock import day_of, month_number
from simulator.feeds.world import FeedWorld
from simulator.streams import Stream, keyed

MONTHS_BACK = 9
QUOTED_A_MONTH = 0.25  # share of the items
RIVAL = 0.4  # share of the quotes that come from another supplier of the category
VALID_DAYS = (45, 150)
DOLLARS = 0.8  # share of the imported items that are quoted in dollars
DIRT = 0.02  # share of the quotes with one thing wrong
WRONG = ("unit_price", "lead_time", "currency", "valid_until")
DEFAULT_ROWS, MOST_ROWS = 100, 500
DAYS_OF_A_UNIT = {"days": 1, "weeks": 7, "months": 30}

Quote = dict[str, Any]


def routes(world: FeedWorld) -> list[Route]:
    """The routes under /suppliers."""
    cache: dict[date, list[Quote]] = {}

    def quotes(request: Request) -> Response:
        expected = f"Bearer {world.suppliers_token}"
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode()):
            return _fault(401, "unauthorized", "the bearer token is missing or wrong")
        try:
            limit = int(request.query_params.get("limit", str(DEFAULT_ROWS)))
            since = _moment(request.query_params.get("updated_since"))
            after = _position(request.query_params.get("cursor"))
        except ValueError as error:
            return _fault(400, "bad_request", str(error))
        if not 1 <= limit <= MOST_ROWS:
            return _fault(400, "bad_request", f"limit must be 1 to {MOST_ROWS}")
        if world.until not in cache:
            cache.clear()
            cache[world.until] = all_quotes(world)
        rows = [quote for quote in cache[world.until] if quote["updated_at"] >= since and _key(quote) > after]
        page = rows[:limit]
        return JSONResponse({"data": page, "next_cursor": _cursor(page[-1]) if len(rows) > limit else None})

    return [Route("/suppliers/quotes", quotes)]


def all_quotes(world: FeedWorld) -> list[Quote]:
    """Every quote of the last months that was given until the last closed day, in the order of its change."""
    last = month_number(world.until)
    items, suppliers, first_day = world.catalogue
    quotes = [
        quote
        for month in range(last - MONTHS_BACK, last + 1)
        for quote in _quotes_of(world, items, suppliers, first_day, month)
    ]
    return sorted((quote for quote in quotes if quote["quoted_on"] <= world.until.isoformat()), key=_key)


def _quotes_of(world: FeedWorld, items: Items, suppliers: Suppliers, first_day: int, month: int) -> list[Quote]:
    """The quotes of one whole month, whether its days have come or not."""
    random = keyed(world.seed, Stream.QUOTES, month)
    total = len(items.ids)
    is_quoted, is_rival = random.random(total) < QUOTED_A_MONTH, random.random(total) < RIVAL
    day, price, stretch = random.integers(0, 28, total), random.normal(1, 0.08, total), random.uniform(0.8, 1.2, total)
    pick, valid, is_dollar = random.random(total), random.integers(*VALID_DAYS, total), random.random(total) < DOLLARS
    unit, dirt, wrong = random.random(total), random.random(total) < DIRT, random.integers(0, len(WRONG), total)
    start = date(month // 12, month % 12 + 1, 1)
    quotes = []
    for item in np.flatnonzero(is_quoted):
        quoted_on = start + timedelta(days=int(day[item]))
        supplier = int(items.supplier[item])
        rivals = np.flatnonzero(suppliers.category == items.category[item])
        if is_rival[item]:
            supplier = int(rivals[int(pick[item] * len(rivals))])
        place = min(max((quoted_on - day_of(first_day)).days, 0), len(items.cost_by_day) - 1)
        in_dollars = bool(items.is_import[item] and is_dollar[item])
        rate = world.economy.usd_brl(quoted_on) if in_dollars else 1.0
        days = max(1, round(float(suppliers.mean_days[supplier] * stretch[item])))
        unit_name = "days" if unit[item] < 0.6 or days < 7 else "weeks" if unit[item] < 0.9 or days < 30 else "months"
        quote = {
            "quote_id": f"Q{month}-{items.ids[item]}",
            "supplier_id": suppliers.ids[supplier],
            "item_id": items.ids[item],
            "quoted_on": quoted_on.isoformat(),
            "valid_until": (quoted_on + timedelta(days=int(valid[item]))).isoformat(),
            "unit_price": round(float(items.cost_by_day[place, item] * max(price[item], 0.5) / rate), 4),
            "currency": "USD" if in_dollars else "BRL",
            "min_order_quantity": int(items.minimum[item]),
            "pack_size": int(items.pack[item]),
            "lead_time": max(1, round(days / DAYS_OF_A_UNIT[unit_name])),
            "lead_time_unit": unit_name,
            "updated_at": f"{quoted_on}T15:00:00Z",
        }
        if dirt[item]:
            _soil(quote, WRONG[int(wrong[item])])
        quotes.append(quote)
    return quotes


def _soil(quote: Quote, field: str) -> None:
    """Spoil one field as real portals do."""
    quote[field] = {
        "unit_price": 0,
        "lead_time": -quote["lead_time"],
        "currency": "R$",
        "valid_until": quote["quoted_on"],
    }[field]


def _key(quote: Quote) -> tuple[str, str]:
    return quote["updated_at"], quote["quote_id"]


def _cursor(quote: Quote) -> str:
    return base64.urlsafe_b64encode(json.dumps(_key(quote)).encode()).decode()


def _position(cursor: str | None) -> tuple[str, str]:
    if cursor is None:
        return "", ""
    try:
        moment, quote_id = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError, TypeError):
        raise ValueError("the cursor is none of ours") from None
    return str(moment), str(quote_id)


def _moment(text: str | None) -> str:
    if text is None:
        return ""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fault(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)
