"""BACEN's PTAX quotations (OData): closing rates, and bulletins through the day for one currency."""

from __future__ import annotations

import re
from datetime import date, datetime
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.economy import BID_ASK_BRL, FIRST_YEAR, business_days
from simulator.feeds.world import FeedWorld

CURRENCIES = {"USD": 1.0, "EUR": 1.1}  # parity with the dollar
CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)")
BULLETINS = (("10:08:26", "Abertura"), ("11:10:33", "Intermediário"), ("12:09:21", "Intermediário"))
DEFAULT_TOP = 10_000


def routes(world: FeedWorld) -> list[Route]:
    """The route of every OData call."""

    def call(request: Request) -> Response:
        match = CALL.fullmatch(unquote(request.path_params["call"]))
        options = _options(request.url.query)
        if match is None:
            return _refuse("chamada inválida")
        arguments = _arguments(match["arguments"], options)
        try:
            top, skip = int(options.get("$top", DEFAULT_TOP)), int(options.get("$skip", "0"))
            quotes = _quotes(world, match["name"], arguments)
        except (KeyError, ValueError) as error:
            return _refuse(str(error))
        body = '{"value":[' + ",".join(quotes[skip : skip + top]) + "]}"
        return Response(body, media_type="application/json;odata.metadata=minimal")

    return [Route("/bacen/olinda/servico/PTAX/versao/v1/odata/{call:path}", call)]


def _quotes(world: FeedWorld, name: str, arguments: dict[str, str]) -> list[str]:
    if name.endswith("Dia"):
        first = last = _date(arguments["dataCotacao"])
    else:
        first, last = _date(arguments["dataInicial"]), _date(arguments["dataFinalCotacao"])
    days = business_days(max(first, date(FIRST_YEAR + 1, 1, 1)), min(last, world.until))
    if name in ("CotacaoDolarPeriodo", "CotacaoDolarDia"):
        return [_closing(world, day) for day in days]
    if name in ("CotacaoMoedaPeriodo", "CotacaoMoedaDia"):
        currency = arguments["moeda"]
        return [quote for day in days for quote in _bulletins(world, day, currency)] if currency in CURRENCIES else []
    raise ValueError(f"recurso desconhecido: {name}")


def _closing(world: FeedWorld, day: date) -> str:
    sell = world.economy.usd_brl(day)
    moment = f"{day} 13:0{day.day % 10}:{28 + day.day % 30}.{_fraction(day)}"
    return f'{{"cotacaoCompra":{sell - BID_ASK_BRL:.5f},"cotacaoVenda":{sell:.5f},"dataHoraCotacao":"{moment}"}}'


def _bulletins(world: FeedWorld, day: date, currency: str) -> list[str]:
    parity = CURRENCIES[currency]
    close = world.economy.usd_brl(day) * parity
    closing = f"13:0{day.day % 10}:{28 + day.day % 30}"
    times = [(f"{clock}.{_fraction(day)}", kind) for clock, kind in BULLETINS]
    times += [(f"{closing}.302", "Intermediário"), (f"{closing}.306", "Fechamento")]
    quotes = []
    for index, (clock, kind) in enumerate(times):
        sell = close * (1 + 0.001 * ((day.day + index) % 5 - 2) * (index < len(times) - 1))
        quotes.append(
            f'{{"paridadeCompra":{parity:.4f},"paridadeVenda":{parity:.4f},'
            f'"cotacaoCompra":{sell - BID_ASK_BRL:.5f},"cotacaoVenda":{sell:.5f},'
            f'"dataHoraCotacao":"{day} {clock}","tipoBoletim":"{kind}"}}'
        )
    return quotes


def _fraction(day: date) -> str:
    """Fractions of a second come with two to six digits."""
    return "306475"[: 2 + day.day % 5]


def _options(query: str) -> dict[str, str]:
    """Query options; `+` stays a plus, as on the real host."""
    pairs = [part.partition("=") for part in query.split("&") if part]
    return {unquote(name): unquote(value) for name, _, value in pairs}


def _arguments(text: str, options: dict[str, str]) -> dict[str, str]:
    """Arguments of the call, given in place or by an @alias in the query."""
    arguments = {}
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        given = options.get(value, "") if value.startswith("@") else value
        arguments[name.strip()] = given.strip().strip("'")
    return arguments


def _date(text: str) -> date:
    return datetime.strptime(text, "%m-%d-%Y").date()  # noqa: DTZ007 - a calendar date


def _refuse(reason: str) -> Response:
    return JSONResponse({"codigo": 400, "mensagem": f"Parâmetros inválidos: {reason}"}, 400)
