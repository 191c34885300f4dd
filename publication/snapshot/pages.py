"""Which figures and tables each page of a snapshot holds: the page's queries, and words around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from publication.snapshot import words

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading and the words for a row."""

    label: str
    text: Callable[[Row], str]
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """Every row of a query. `empty` is said where there is none."""

    title: str
    query: str
    columns: tuple[Column, ...]
    empty: str
    note: str = ""
    keep: Callable[[Row], bool] | None = None


@dataclass(frozen=True)
class Figure:
    """One big number: a column of the only row of a query."""

    label: str
    query: str
    column: str
    text: Callable[[Any], str]


@dataclass(frozen=True)
class Page:
    """One page of the site as it stands in a snapshot."""

    title: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    lead: str = ""


def _plain(label: str, name: str) -> Column:
    return Column(label, lambda row: words.UNKNOWN if row[name] is None else str(row[name]))


def _formatted(label: str, name: str, form: Callable[[Any], str], *, is_number: bool = True) -> Column:
    return Column(label, lambda row: form(row[name]), is_number)


def _units(label: str, name: str) -> Column:
    def text(row: Row) -> str:
        return words.UNKNOWN if row[name] is None else f"{words.number(row[name])} {row['unit_code'] or ''}".strip()

    return Column(label, text, is_number=True)


def _count(value: Any) -> str:
    return words.number(value, 0)


_ITEM = Column("Item", lambda row: f"{row['item_name'] or words.UNKNOWN} · {row['item_id']}")
_CRITICALITY = Column("Criticidade", lambda row: words.label("criticality", row["criticality"]))
_DAYS_LEFT = Column("Acaba", lambda row: "sem estoque" if row["is_out"] else words.day(row["stockout_on"]))

PAGES: Mapping[str, Page] = {
    "hoje": Page(
        title="Hoje",
        figures=(
            Figure("Itens a comprar hoje", "headline", "order_items", _count),
            Figure("Valor das compras", "headline", "order_value_brl", words.money_short),
            Figure("Itens sem estoque", "headline", "out_items", _count),
            Figure("Acabam em 7 dias", "headline", "out_in_7_items", _count),
            Figure("Acabam em 30 dias", "headline", "out_in_30_items", _count),
            Figure("Entregas atrasadas", "headline", "overdue_lines", _count),
        ),
        tables=(
            Table(
                title="Os dados estão em dia?",
                query="data_freshness",
                columns=(
                    _plain("Fonte", "source_label"),
                    _formatted("Dados até", "latest_data_on", words.day, is_number=False),
                    Column("Situação", lambda row: words.FRESHNESS.get(row["freshness"], str(row["freshness"]))),
                    _formatted("Lidos em", "landed_at", words.instant, is_number=False),
                    _formatted("Linhas", "row_count", _count),
                ),
                empty="Nenhuma fonte informou a data dos seus dados.",
            ),
            Table(
                title="O que vai acabar",
                query="stockouts",
                note="Itens sem estoque e os que acabam nos próximos 30 dias, sem contar o que está a caminho.",
                columns=(
                    _ITEM,
                    _CRITICALITY,
                    _plain("Local", "location_name"),
                    _DAYS_LEFT,
                    _units("Em estoque", "on_hand_units"),
                    _units("A caminho", "on_order_units"),
                    Column("Decisão", lambda row: words.label("status", row["status"])),
                ),
                empty="Nenhum item acaba nos próximos 30 dias.",
            ),
        ),
    ),
    "compras": Page(
        title="Compras",
        figures=(
            Figure("Linhas de compra", "headline", "order_lines", _count),
            Figure("Valor das compras", "headline", "order_value_brl", words.money),
        ),
        tables=(
            Table(
                title="O que comprar hoje",
                query="purchases",
                note="Primeiro o que evita mais risco por real gasto.",
                keep=lambda row: row["status"] == "order_now",
                columns=(
                    _ITEM,
                    _CRITICALITY,
                    _plain("Local", "location_name"),
                    _plain("Fornecedor", "supplier_name"),
                    _units("Comprar", "order_quantity_units"),
                    _formatted("Comprar até", "order_by_on", words.day, is_number=False),
                    _formatted("Valor", "order_value_brl", words.money),
                    _formatted("Em risco", "risk_brl", words.money),
                    _plain("Motivo", "reason_text"),
                ),
                empty="Nenhuma compra necessária hoje.",
            ),
        ),
    ),
}

DEFAULT_PAGES = ("hoje", "compras")
