"""BACEN's time series (SGS): strings with a decimal point, no units, and errors of several shapes."""

from __future__ import annotations

from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from simulator.clock import day_number, day_of
from simulator.economy import BID_ASK_BRL, FIRST_YEAR, MONTHLY_SERIES, Economy, business_days
from simulator.feeds.world import FeedWorld

FIRST_DAY = date(FIRST_YEAR + 1, 1, 1)
BUSINESS_DAY_SERIES = (1, 11, 10813)
POLICY_RATE = 432
MAX_YEARS = 10
MAX_LATEST = 20
FAULT = "br.gov.bcb.pec.sgs.comum.excecoes.SGSNegocioException: "
WINDOW_ERROR = {
    "error": "O sistema aceita uma janela de consulta de, no máximo, 10 anos em séries de periodicidade diária",
    "message": "Para acessar uma série de periodicidade diária, é necessário informar a dataInicial e a dataFinal",
    "syntax": "bcdata.sgs.{codigo_serie}/dados?formato=json&dataInicial=dd/MM/aaaa&dataFinal=dd/MM/aaaa",
}
INVALID_PAGE = "<html><body>Requisição inválida!</body></html>"
Rows = list[tuple[date, str]]


def routes(world: FeedWorld) -> list[Route]:
    """The routes under /bacen/dados."""

    def values(request: Request) -> Response:
        code, query = request.path_params["code"], request.query_params
        try:
            start = _date(query["dataInicial"]) if "dataInicial" in query else None
            end = _date(query["dataFinal"]) if "dataFinal" in query else None
        except ValueError:
            return HTMLResponse(INVALID_PAGE, 502)
        if start and end and end < start:
            return HTMLResponse(INVALID_PAGE)  # with 200, as the real host does
        is_daily = code in (*BUSINESS_DAY_SERIES, POLICY_RATE)
        if is_daily and (start is None or _anniversary(start) < (end or world.until)):
            return JSONResponse(WINDOW_ERROR, 406)
        rows = series(world.economy, code, start or FIRST_DAY, end, world.until)
        return _answer(rows, query.get("formato", "json"))

    def latest(request: Request) -> Response:
        code, count = request.path_params["code"], request.path_params["count"]
        if count > MAX_LATEST:
            return _fault(400, f"A quantidade máxima de valores deve ser {MAX_LATEST}")
        rows = series(world.economy, code, FIRST_DAY, None, world.until)
        return _answer(rows[-count:] if count else [], request.query_params.get("formato", "json"))

    base = "/bacen/dados/serie/bcdata.sgs.{code:int}/dados"
    return [Route(base, values), Route(f"{base}/ultimos/{{count:int}}", latest)]


def series(economy: Economy, code: int, start: date, end: date | None, until: date) -> Rows:
    """The observations of a series within a closed window, as known at the end of `until`; unknown codes are empty."""
    if code in MONTHLY_SERIES:
        decimals = MONTHLY_SERIES[code].decimals
        rows = [(month, f"{value:.{decimals}f}") for month, value in economy.monthly_values(code, until)]
        return [row for row in rows if start <= row[0] and (end is None or row[0] <= end)]
    first = max(start, FIRST_DAY)
    if code == POLICY_RATE:
        known = economy.rate_known_until(until)
        last = min(end, known) if end else known
        days = map(day_of, range(day_number(first), day_number(last) + 1))
        return [(day, f"{economy.policy_rate_pct(day):.2f}") for day in days]
    last = min(end, until) if end else until
    if code == 11:
        return [(day, f"{economy.daily_rate_pct(day):.6f}") for day in business_days(first, last)]
    if code in BUSINESS_DAY_SERIES:
        spread = BID_ASK_BRL if code == 10813 else 0.0
        return [(day, f"{economy.usd_brl(day) - spread:.4f}") for day in business_days(first, last)]
    return []


def _answer(rows: Rows, form: str) -> Response:
    if not rows:
        return _fault(404, "Value(s) not found")
    if form == "csv":
        lines = ['"data";"valor"', *(f'"{day:%d/%m/%Y}";"{value.replace(".", ",")}"' for day, value in rows)]
        return Response("\r\n".join(lines) + "\r\n", media_type="text/csv")
    return JSONResponse([{"data": f"{day:%d/%m/%Y}", "valor": value} for day, value in rows])


def _fault(status: int, detail: str) -> Response:
    return JSONResponse({"erro": {"statusCode": status, "detail": FAULT + detail}}, status)


def _date(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a calendar date


def _anniversary(start: date) -> date:
    try:
        return start.replace(year=start.year + MAX_YEARS)
    except ValueError:  # 29 February
        return date(start.year + MAX_YEARS, 3, 1)
