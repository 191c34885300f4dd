"""BACEN's Focus survey (OData): the market's expectations, paged, in any order unless one is asked for."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.economy import FIRST_YEAR, business_days
from simulator.feeds.world import FeedWorld

PATH = "/bacen/olinda/servico/Expectativas/versao/v1/odata/ExpectativasMercadoAnuais"
LARGEST_PAGE = 10_000
YEARS_AHEAD = 4
# Long-run mean and spread of the answers; the rate and the currency start from today's.
LEVELS = {"IPCA": (4.2, 0.5), "IGP-M": (4.6, 0.9), "PIB Total": (1.9, 0.4), "Selic": (9.5, 0.6), "Câmbio": (5.3, 0.15)}
CONDITION = re.compile(
    r"Indicador eq '(?P<indicator>[^']+)'(?: and Data ge '(?P<since>\d{4}-\d{2}-\d{2})')?"
    r"(?: and Data le '(?P<until>\d{4}-\d{2}-\d{2})')?"
)
KEY = ("Data", "DataReferencia", "IndicadorDetalhe", "baseCalculo")
Row = dict[str, str | float | int | None]


def routes(world: FeedWorld) -> list[Route]:
    """The one call that the platform makes."""

    def yearly(request: Request) -> Response:
        # A plus stays a plus here, as on the real host, and then the condition cannot be read.
        pairs = [part.partition("=") for part in request.url.query.split("&") if part]
        options = {unquote(name): unquote(value) for name, _, value in pairs}
        condition = CONDITION.fullmatch(options.get("$filter", ""))
        if condition is None:
            return JSONResponse({"codigo": 400, "mensagem": "The URI is malformed."}, 400)
        rows = expectations(world, condition["indicator"], date.fromisoformat(condition["since"] or "2015-01-01"))
        rows = [row for row in rows if str(row["Data"]) <= (condition["until"] or "9999-12-31")]
        # Without an order the service is free; here it gives the newest first.
        rows.sort(key=lambda row: [str(row[name] or "") for name in KEY], reverse="$orderby" not in options)
        skip, top = int(options.get("$skip", "0")), min(int(options.get("$top", LARGEST_PAGE)), LARGEST_PAGE)
        body = json.dumps({"value": rows[skip : skip + top]}, ensure_ascii=False).encode()
        return Response(body, media_type="application/json;odata.metadata=minimal")

    return [Route(PATH, yearly)]


def expectations(world: FeedWorld, indicator: str, since: date) -> list[Row]:
    """The rows of an indicator: each business day, five years ahead, on two bases."""
    if indicator not in LEVELS:
        return []
    return [
        _row(world, indicator, day, day.year + ahead, basis)
        for day in business_days(max(since, date(FIRST_YEAR + 1, 1, 1)), world.until)
        for ahead in range(YEARS_AHEAD + 1)
        for basis in (0, 1)
    ]


def _row(world: FeedWorld, indicator: str, day: date, year: int, basis: int) -> Row:
    level, spread = LEVELS[indicator]
    today = {"Selic": world.economy.policy_rate_pct, "Câmbio": world.economy.usd_brl}.get(indicator)
    nearness = math.exp(-(year - day.year))
    start = today(day) if today else level + spread * math.sin(day.toordinal() / 120)
    median = round(level + (start - level) * nearness + 0.01 * basis, 4)
    deviation = round(spread * (0.4 + 0.2 * (year - day.year)), 4)
    return {
        "Indicador": indicator,
        "IndicadorDetalhe": None,
        "Data": day.isoformat(),
        "DataReferencia": str(year),
        "Media": round(median + 0.013, 4),
        "Mediana": median,
        "DesvioPadrao": deviation,
        "Minimo": round(median - 2 * deviation, 4),
        "Maximo": round(median + 2.5 * deviation, 4),
        "numeroRespondentes": 140 - 9 * (year - day.year) - 60 * basis,
        "baseCalculo": basis,
    }
