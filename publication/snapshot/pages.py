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
    """Every row of a query, or those that `keep` keeps, or of these those of the `latest` value of a column.

    `empty` is said where there is none.
    """

    title: str
    query: str
    columns: tuple[Column, ...]
    empty: str
    note: str = ""
    keep: Callable[[Row], bool] | None = None
    latest: str = ""


@dataclass(frozen=True)
class Figure:
    """One big number: a column of the last row of a query, or of the last that `keep` keeps."""

    label: str
    query: str
    column: str
    text: Callable[[Any], str]
    keep: Callable[[Row], bool] | None = None


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


def _hours(value: Any) -> str:
    return words.UNKNOWN if value is None else f"{words.number(value)} h"


def _of_all(row: Row) -> bool:
    """The row of all classes and criticalities together."""
    return not row["abc_class"] and not row["criticality"]


def _of_the_year(row: Row) -> bool:
    """The row of the twelve closed months and all contracts."""
    return bool(row["period"] == "ano" and not row["contract_id"])


def _is_scored(row: Row) -> bool:
    return bool(row["scenario"] == "base" and row["window_name"] == "score")


def _is_chosen(row: Row) -> bool:
    return _is_scored(row) and bool(row["policy"] == "cost_based" and row["is_chosen"])


def _knob(row: Row) -> str:
    if row["policy"] == "cost_based":
        return f"cada linha em falta custa {words.money_short(row['knob'])}"
    if row["policy"] == "no_policy":
        return f"repõe abaixo de {words.number(row['knob'], 0)} dias"
    return words.share(row["knob"]) if 0 < row["knob"] < 1 else ""


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
    "ruptura": Page(
        title="Ruptura",
        figures=(
            Figure("Linhas críticas", "stockout_headline", "red_lines", _count),
            Figure("Linhas em atenção", "stockout_headline", "amber_lines", _count),
            Figure("Torres expostas", "stockout_headline", "exposed_towers", _count),
            Figure("Contratos expostos", "stockout_headline", "exposed_contracts", _count),
        ),
        tables=(
            Table(
                title="O que acaba, e quando",
                query="stockout_risks",
                note="As linhas críticas e as em atenção; a pior primeiro.",
                keep=lambda row: row["risk_state"] in ("red", "amber"),
                columns=(
                    _ITEM,
                    _CRITICALITY,
                    _plain("Local", "location_name"),
                    Column("Estado", lambda row: words.label("riskState", row["risk_state"])),
                    _formatted("Acaba em", "stockout_on", words.day, is_number=False),
                    _formatted("Próxima chegada", "next_due_on", words.day, is_number=False),
                    _formatted("Chance de faltar", "stockout_probability", words.share),
                ),
                empty="Nenhuma linha crítica nem em atenção.",
            ),
        ),
    ),
    "servico-e-custo": Page(
        title="Serviço e custo",
        lead="O último mês fechado. A meta é a chance de não faltar até a próxima chegada.",
        figures=(
            Figure("Linhas atendidas na hora", "service_months", "line_fill_rate", words.share, _of_all),
            Figure("Dias com estoque", "service_months", "in_stock_rate", words.share, _of_all),
            Figure("Meta média por reposição", "service_months", "service_level_target", words.share, _of_all),
        ),
        tables=(
            Table(
                title="Meta e serviço por classe e criticidade",
                query="service_months",
                keep=lambda row: bool(row["abc_class"] and row["criticality"]),
                latest="month_on",
                columns=(
                    _plain("Classe", "abc_class"),
                    _CRITICALITY,
                    _formatted("Mês", "month_on", words.month, is_number=False),
                    _formatted("Meta por reposição", "service_level_target", words.share),
                    _formatted("Atendidas na hora", "line_fill_rate", words.share),
                    _formatted("Dias com estoque", "in_stock_rate", words.share),
                    _formatted("Linhas pedidas", "demand_lines_count", _count),
                ),
                empty="Ainda não há um mês fechado com demanda.",
            ),
            Table(
                title="O que custaria outro nível de serviço",
                query="service_cost",
                keep=_of_all,
                columns=(
                    Column(
                        "Nível de serviço",
                        lambda row: (
                            f"em vigor, média {words.share(row['service_level'])}"
                            if row["is_in_force"]
                            else words.share(row["service_level"])
                        ),
                    ),
                    _formatted("Estoque planejado", "stock_value_brl", words.money_short),
                    _formatted("Linhas atendidas", "expected_fill_rate", words.share),
                    _formatted("Linhas sem estoque por ano", "stocked_out_lines_per_year", _count),
                ),
                empty="Nenhum item com demanda e parâmetros válidos.",
            ),
        ),
    ),
    "sla": Page(
        title="SLA",
        lead="Os 12 meses fechados.",
        figures=(
            Figure("Multas", "sla_periods", "penalty_brl", words.money, _of_the_year),
            Figure("Disponibilidade", "sla_periods", "availability_pct", lambda v: words.percent(v, 2), _of_the_year),
            Figure("Chamados corretivos", "sla_periods", "calls_count", _count, _of_the_year),
            Figure("Tempo médio de resposta", "sla_periods", "response_mean_hours", _hours, _of_the_year),
        ),
        tables=(
            Table(
                title="Por contrato",
                query="sla_periods",
                keep=lambda row: bool(row["period"] == "ano" and row["contract_id"]),
                columns=(
                    Column("Contrato", lambda row: f"{row['client_name'] or words.UNKNOWN} · {row['contract_id']}"),
                    Column("Categoria", lambda row: words.label("slaTier", row["sla_tier"])),
                    _formatted("Prometido", "sla_target_pct", lambda v: words.percent(v, 2)),
                    _formatted("Disponibilidade", "availability_pct", lambda v: words.percent(v, 2)),
                    _formatted("Multas", "penalty_brl", words.money),
                    _formatted("Chamados", "calls_count", _count),
                    _formatted("Em aberto", "open_calls_count", _count),
                    _formatted("Resposta média", "response_mean_hours", _hours),
                ),
                empty="Nenhum contrato com torres nos 12 meses fechados.",
            ),
        ),
    ),
    "quanto-vale": Page(
        title="Quanto vale",
        lead=(
            "O que cada política teria feito em um ano que ela não conhecia, contra quem compra sem política. "
            "Experimento com empresas geradas por computador, não uma promessa."
        ),
        figures=(
            Figure("Linhas sem estoque", "policy_frontier", "stocked_out_change_pct", words.change, _is_chosen),
            Figure("Estoque médio", "policy_frontier", "inventory_change_pct", words.change, _is_chosen),
            Figure("Linhas vitais atendidas", "policy_frontier", "vital_line_fill_rate", words.share, _is_chosen),
        ),
        tables=(
            Table(
                title="Todas as políticas e ajustes",
                query="policy_frontier",
                keep=_is_scored,
                columns=(
                    Column(
                        "Política",
                        lambda row: (
                            words.label("valuePolicy", row["policy"]) + (" (escolhida)" if row["is_chosen"] else "")
                        ),
                    ),
                    Column("Ajuste", _knob),
                    _formatted("Linhas sem estoque", "stocked_out_lines_count", _count),
                    _formatted("Variação", "stocked_out_change_pct", words.change),
                    _formatted("Estoque médio", "mean_inventory_brl", words.money_short),
                    _formatted("Variação do estoque", "inventory_change_pct", words.change),
                    _formatted("Vitais atendidas", "vital_line_fill_rate", words.share),
                    _formatted("Pedidos", "orders_count", _count),
                    _formatted("Custo total", "total_cost_brl", words.money_short),
                ),
                empty="O experimento ainda não foi feito nesta instalação: rode make value e a rodada diária.",
            ),
        ),
    ),
}

DEFAULT_PAGES = ("hoje", "compras")
