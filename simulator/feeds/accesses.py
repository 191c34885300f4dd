"""Mobile accesses by municipality, operator, technology, person and product: customers move from 2G and 3G to 5G.

Counts are those of a state of three and a half million customers in its capital; they do not depend on the size of the
company. The newest month is preliminary and shrinks a little when the next one is published.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np

from simulator.clock import day_number
from simulator.demand import rollout
from simulator.feeds.licences import FIRST_5G_ELSEWHERE, FIRST_5G_IN_CAPITAL, SALVADOR_WEIGHT
from simulator.network import MUNICIPALITIES, Municipality
from simulator.streams import Stream, keyed

HEADER = (
    *("Ano", "Mês", "Grupo Econômico", "Empresa", "CNPJ", "Porte da Prestadora", "UF", "Município"),
    *("Código IBGE Município", "Código Nacional", "Modalidade de Cobrança", "Tecnologia", "Tecnologia Geração"),
    *("Tipo de Pessoa", "Tipo de Produto", "Acessos"),
)
FIRST_YEAR = 2021
TECHNOLOGIES = (("GSM", "2G"), ("WCDMA", "3G"), ("LTE", "4G"), ("NR", "5G"))
# Group, the spellings of the operator over the years, invented registration number, share of the customers.
OPERATORS = (
    ("TELECOM ITALIA", ("TIM", "TIM S A"), "00000000000101", 0.27),
    ("TELEFÔNICA", ("TELEFÔNICA BRASIL S.A.", "Telefonica Brasil S.a."), "00000000000202", 0.33),
    ("TELECOM AMERICAS", ("CLARO", "CLARO S.A."), "00000000000303", 0.38),
    ("OUTROS", ("BRISANET", "Brisanet Servicos de Telecomunicacoes S.a."), "00000000000404", 0.02),
)
CUSTOMERS_OF_SALVADOR = 3_600_000
SHARE_5G_AT_THE_END = 0.55
# Two places of other states: whoever reads Bahia must leave them out, and one bears a name that Bahia knows.
ELSEWHERE = (
    ("SE", Municipality("2800308", "Aracaju", -10.91, -37.07, "A401", 5)),
    ("RN", Municipality("2401701", "Bom Jesus", -5.98, -35.58, "A401", 0.5)),
)
PLACES = (*(("BA", place) for place in MUNICIPALITIES), *ELSEWHERE)
DECIMALS_FROM = date(2025, 1, 1)  # since then a count reads `1.0`
SEVEN_DIGITS_FROM = date(2023, 1, 1)
PRELIMINARY = 1.004


def half_years(released: date) -> list[date]:
    """The first days of the half-years in a release."""
    starts = [date(year, month, 1) for year in range(FIRST_YEAR, released.year + 1) for month in (1, 7)]
    return [start for start in starts if start <= released]


def member_name(start: date) -> str:
    """The archive's name for a half-year."""
    return f"Acessos_Telefonia_Movel_{start.year}_{1 if start.month == 1 else 2}S.csv"


@lru_cache(maxsize=64)
def half_year_csv(seed: int, start: date, released: date) -> bytes:
    """The member of a half-year as of a release: UTF-8, with a BOM since counts have decimals."""
    months = [date(start.year, month, 1) for month in range(start.month, start.month + 6)]
    lines = [";".join(HEADER)]
    for month in months:
        if month <= released:
            lines.extend(_month(seed, month, is_newest=month == released.replace(day=1)))
    text = "\r\n".join(lines) + "\r\n"
    return text.encode("utf-8-sig" if start >= DECIMALS_FROM else "utf-8")


def _month(seed: int, month: date, *, is_newest: bool) -> list[str]:
    number = day_number(month)
    is_recent = month >= SEVEN_DIGITS_FROM
    rows = []
    for index, (state, place) in enumerate(PLACES):
        noise = keyed(seed, Stream.ACCESSES, number, index).normal(1, 0.01, (len(OPERATORS), len(TECHNOLOGIES)))
        has_5g = number >= (FIRST_5G_IN_CAPITAL if place.code == MUNICIPALITIES[0].code else FIRST_5G_ELSEWHERE)
        shares = _technology_shares(number, has_5g=has_5g)
        customers = CUSTOMERS_OF_SALVADOR * place.tower_weight / SALVADOR_WEIGHT * (PRELIMINARY if is_newest else 1)
        name = f"{place.name} - {state}" if is_recent else place.name
        where = (state, name, place.code if is_recent else place.code[:6], "71")
        for operator, (group, spellings, cnpj, share) in enumerate(OPERATORS):
            who = (str(month.year), str(month.month), group, spellings[is_recent], cnpj, "Grande Porte")
            counts = np.rint(customers * share * np.array(shares) * noise[operator]).astype(int)
            for (technology, generation), count in zip(TECHNOLOGIES, counts.tolist(), strict=True):
                firms = count // 8
                for person, product, part in (
                    ("Pessoa Física", "VOZ+DADOS", count - firms),
                    ("Pessoa Jurídica", "VOZ+DADOS" if technology != "GSM" else "M2M", firms),
                ):
                    if part:
                        text = f"{part}.0" if month >= DECIMALS_FROM else str(part)
                        what = ("Pós-pago", technology, generation, person, product, text)
                        rows.append(";".join((*who, *where, *what)))
    return rows


def _technology_shares(day: int, *, has_5g: bool) -> tuple[float, float, float, float]:
    years = (day - day_number(date(FIRST_YEAR, 1, 1))) / 365.25
    second = 0.10 * 0.85**years
    third = 0.14 * 0.75**years
    fifth = SHARE_5G_AT_THE_END * rollout(day) if has_5g else 0.0
    return second, third, 1 - second - third - fifth, fifth
