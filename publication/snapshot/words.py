"""Numbers, money, days and codes as Brazilians write and say them: what `reports/components/format.js` does, in Python.

A test asks both for the same values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

BAHIA = ZoneInfo("America/Bahia")
UNKNOWN = "–"  # unknown must not look like zero
_SPACE = "\u00a0"
_SCALES = ((10**9, " bi"), (10**6, " mi"), (10**4, " mil"))
_MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")

LABELS: dict[str, dict[str, str]] = {
    "status": {
        "order_now": "Comprar agora",
        "approaching": "Perto do ponto",
        "ok": "Em ordem",
        "no_demand": "Sem demanda",
    },
    "criticality": {"vital": "Vital", "essential": "Essencial", "desirable": "Desejável"},
    "riskState": {"red": "Crítico", "amber": "Atenção", "green": "Tranquilo"},
    "slaTier": {"ouro": "Ouro", "prata": "Prata", "bronze": "Bronze"},
    "valuePolicy": {
        "no_policy": "Sem política",
        "cost_based": "Pelo custo",
        "negative_binomial": "Nível fixo (binomial negativa)",
        "normal": "Nível fixo (normal)",
        "fill_rate": "Taxa de atendimento",
        "legacy": "Fórmula antiga",
        "legacy_measured": "Fórmula antiga com prazo medido",
        "oracle": "Oráculo (conhece o futuro)",
    },
    "staleSource": {
        "erp": "Estoque, pedidos e consumo podem ter mudado: confirme as quantidades antes de comprar.",
        "inmet": "As compras não dependem do clima; em Fatores, chuva, calor e tempestades param nesse dia.",
        "bacen": "As compras não dependem disso; em Fatores, o dólar para nesse dia.",
        "anatel": "As compras não dependem disso; em Fatores, o 5G para nesse dia.",
        "other": "O que depende desta fonte para nesse dia.",
    },
}
FRESHNESS = {"fresh": "Em dia", "late": "Atrasada", "empty": "Sem dados", "unused": "Não usada"}


def _exact(value: Any) -> Decimal:
    """A number as it is printed in full: browsers round that, not the binary fraction behind it."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def number(value: Any, digits: int = 1) -> str:
    """1.234,5 with at most `digits` decimals; a half rounds away from zero."""
    if value is None:
        return UNKNOWN
    rounded = _exact(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return whole.replace(",", ".") + (f",{fraction}" if fraction else "")


def money(value: Any) -> str:
    """R$ 1.234,50."""
    if value is None:
        return UNKNOWN
    cents = _exact(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    text = f"{abs(cents):,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{'-' if cents < 0 else ''}R${_SPACE}{text}"


def money_short(value: Any) -> str:
    """R$ 1,2 mi: for headlines, where the cents say nothing."""
    if value is None:
        return UNKNOWN
    for scale, suffix in _SCALES:
        if abs(value) >= scale:
            divisor = 1000 if scale == 10**4 else scale
            return f"R${_SPACE}{number(_exact(value) / divisor)}{suffix.replace(' ', _SPACE)}"
    return f"R${_SPACE}{number(value, 2)}"


def share(value: Any, digits: int = 1) -> str:
    """95 % from 0.95."""
    return UNKNOWN if value is None else f"{number(_exact(value) * 100, digits)}{_SPACE}%"


def percent(value: Any, digits: int = 1) -> str:
    """95 % from 95."""
    return UNKNOWN if value is None else f"{number(value, digits)}{_SPACE}%"


def change(value: Any) -> str:
    """+12 % or -61 %, from percent."""
    if value is None:
        return UNKNOWN
    text = number(value, 0)
    return f"{'+' if value > 0 and text != '0' else ''}{text}{_SPACE}%"


def day(value: Any) -> str:
    """20/11/2026 from a date or its ISO text."""
    if value is None:
        return UNKNOWN
    iso = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return f"{iso:%d/%m/%Y}"


def month(value: Any) -> str:
    """nov/2026 from a date or its ISO text."""
    if value is None:
        return UNKNOWN
    year, number_of_month = str(value).split("-")[:2]
    return f"{_MONTHS[int(number_of_month) - 1]}/{year}"


def instant(value: Any) -> str:
    """20/11/2026 às 02:12, Bahia time, from an instant in UTC or its ISO text."""
    if value is None:
        return UNKNOWN
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return f"{moment.astimezone(BAHIA):%d/%m/%Y às %H:%M}"


def label(kind: str, code: Any) -> str:
    """The word for a code of gold; a code without one is shown as it is."""
    return UNKNOWN if code is None else LABELS[kind].get(str(code), str(code))


def stale_source(row: Mapping[str, Any]) -> str:
    """What is wrong with a source of `queries/stale_sources.sql`, since when, and what that means."""
    meanings = LABELS["staleSource"]
    if row["freshness"] == "empty":
        state = "nenhum dado chegou até hoje."
    else:
        normal = f"{row['expected_days']} {'dia' if row['expected_days'] == 1 else 'dias'}"
        state = (
            f"atrasada desde {day(row['stale_since_on'])}, com dados até {day(row['latest_data_on'])}; "
            f"o normal é até {normal} atrás."
        )
    return f"{state} {meanings.get(row['source_name'], meanings['other'])}"
