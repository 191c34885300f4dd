"""A page per table on what is in it: types, gaps, ranges, frequent values, histograms; computed by DuckDB alone."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from quality.html import page, write_page

TOP_VALUES = 5
BINS = 20
# Frequent values and histograms of larger tables are those of a sample of about so many rows; the rest is exact.
SAMPLED_FROM_ROWS = 1_000_000


@dataclass(frozen=True)
class ColumnProfile:
    """What a column holds.

    Attributes:
        distinct: About how many different values (HyperLogLog, within some per cent).
        least: Smallest value; for texts the first in order.
        top: Most frequent values with their rows, where values repeat.
        bins: Rows in each of `BINS` equal parts of the range; empty for texts and flags.
    """

    name: str
    kind: str
    rows: int
    nulls: int
    distinct: int
    least: Any
    greatest: Any
    mean: float | None
    top: list[tuple[Any, int]]
    bins: list[int]


def profile(connection: duckdb.DuckDBPyConnection, relation: str) -> list[ColumnProfile]:
    """Profile every column of a relation.

    Args:
        connection: Where the relation is.
        relation: Its quoted name in SQL.
    """
    described = connection.execute(f"describe from {relation}").fetchall()
    columns = [(str(row[0]), str(row[1])) for row in described]
    asked = ["count(*)"]
    for name, kind in columns:
        quoted = _quoted(name)
        asked += [f"count({quoted})", f"approx_count_distinct({quoted})", f"min({quoted})", f"max({quoted})"]
        asked.append(f"avg({quoted})::double" if _is_number(kind) else "null")
    figures = connection.execute(f"from {relation} select {', '.join(asked)}").fetchone() or ()
    rows = int(figures[0])
    shown = _sampled(connection, relation, rows)
    profiles = []
    for index, (name, kind) in enumerate(columns):
        filled, distinct, least, greatest, mean = figures[1 + 5 * index : 6 + 5 * index]
        is_repeating = 0 < distinct < 0.9 * filled
        profiles.append(
            ColumnProfile(
                name=name,
                kind=kind.lower(),
                rows=rows,
                nulls=rows - int(filled),
                distinct=min(int(distinct), int(filled)),
                least=least,
                greatest=greatest,
                mean=mean,
                top=_top(connection, shown, name) if is_repeating else [],
                bins=_bins(connection, shown, (name, kind), least, greatest),
            )
        )
    connection.execute("drop table if exists temp.sampled")
    return profiles


def _sampled(connection: duckdb.DuckDBPyConnection, relation: str, rows: int) -> str:
    """The relation itself, or a fixed sample of it where it is large."""
    if rows <= SAMPLED_FROM_ROWS:
        return relation
    share = 100 * SAMPLED_FROM_ROWS / rows
    connection.execute(f"create temp table sampled as from {relation} using sample {share} percent (bernoulli, 7)")
    return "temp.sampled"


def _is_number(kind: str) -> bool:
    return kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")) or "INT" in kind.split("(", 1)[0]


def _top(connection: duckdb.DuckDBPyConnection, relation: str, name: str) -> list[tuple[Any, int]]:
    quoted = _quoted(name)
    found = connection.execute(
        f"from {relation} select {quoted}, count(*) as n where {quoted} is not null "
        f"group by 1 order by n desc, 1 limit {TOP_VALUES}"
    ).fetchall()
    repeats = bool(found) and found[0][1] > 1
    return [(row[0], int(row[1])) for row in found] if repeats else []


def _bins(
    connection: duckdb.DuckDBPyConnection, relation: str, column: tuple[str, str], least: Any, greatest: Any
) -> list[int]:
    name, kind = column
    if not (kind.startswith(("DATE", "TIMESTAMP")) or _is_number(kind)) or least is None or least == greatest:
        return []
    quoted = _quoted(name)
    value = f"{quoted}::double" if _is_number(kind) else f"epoch({quoted})"
    low, high = (_position(bound) for bound in (least, greatest))
    counted = connection.execute(
        f"from {relation} select least(floor(($bins * ({value} - $low)) / ($high - $low)), $bins - 1)::integer as bin, "
        f"count(*) where {quoted} is not null group by 1",
        {"bins": BINS, "low": low, "high": high},
    ).fetchall()
    bins = [0] * BINS
    for index, rows in counted:
        bins[max(0, int(index))] += int(rows)
    return bins


def _position(bound: Any) -> float:
    """A bound on the axis of its histogram: the number itself, or seconds since 1970."""
    if isinstance(bound, datetime):
        return bound.timestamp() if bound.tzinfo else (bound - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001
    if isinstance(bound, date):
        return float((bound - date(1970, 1, 1)).days * 86_400)
    return float(bound)


@dataclass(frozen=True)
class Subject:
    """A table to profile.

    Attributes:
        table: Its name as people know it (`dim_items`, `erp/items`).
        relation: Its quoted name in SQL.
        identity: What changes when its content does; a page of the same identity is not written again.
    """

    table: str
    relation: str
    identity: str


def write_profiles(connection: duckdb.DuckDBPyConnection, subjects: Iterable[Subject], folder: Path) -> list[Path]:
    """Write a page for each table that changed, and an index of all pages in the folder.

    Args:
        connection: Where the relations are.
        subjects: The tables.
        folder: Where the pages go.

    Returns:
        The pages written, without the index.
    """
    written = []
    for subject in subjects:
        file = folder / f"{subject.table.replace('/', '__')}.html"
        mark = f"<!-- {html.escape(subject.identity)} -->"
        if file.exists() and mark in file.read_text(encoding="utf-8"):
            continue
        write_page(file, _table_page(subject.table, profile(connection, subject.relation)) + mark)
        written.append(file)
    listed = "".join(
        f'<li><a href="{file.name}"><code>{html.escape(file.stem.replace("__", "/", 1))}</code></a></li>'
        for file in sorted(folder.glob("*.html"))
        if file.name != "index.html"
    )
    introduction = '<p class="muted">O que há em cada tabela: tipos, lacunas, limites, valores frequentes.</p>'
    write_page(folder / "index.html", page("Perfis das tabelas", f"{introduction}<ul>{listed}</ul>"))
    return written


def _table_page(table: str, columns: list[ColumnProfile]) -> str:
    rows = columns[0].rows if columns else 0
    sampled = "valores frequentes e distribuições de uma amostra" if rows > SAMPLED_FROM_ROWS else ""
    facts = " · ".join(filter(None, [f"{_count(rows)} linhas", f"{len(columns)} colunas", sampled]))
    head = (
        "<tr><th>Coluna</th><th>Tipo</th><th class='number'>Vazios</th><th class='number'>Distintos (aprox.)</th>"
        "<th>Mínimo</th><th>Máximo</th><th class='number'>Média</th><th>Mais frequentes</th><th>Distribuição</th></tr>"
    )
    body = "".join(map(_column_row, columns))
    return page(
        table,
        f'<p class="muted">{facts}</p>'
        f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>',
        back=("index.html", "Perfis das tabelas"),
    )


def _column_row(column: ColumnProfile) -> str:
    gaps = f"{_number(100 * column.nulls / column.rows)} %" if column.rows else "–"
    top = "<br>".join(f"{_shown(value)} <span class='muted'>({_count(rows)})</span>" for value, rows in column.top)
    return (
        f"<tr><td><code>{html.escape(column.name)}</code></td><td>{html.escape(column.kind)}</td>"
        f"<td class='number'>{gaps}</td><td class='number'>{_count(column.distinct)}</td>"
        f"<td>{_shown(column.least)}</td><td>{_shown(column.greatest)}</td>"
        f"<td class='number'>{_number(column.mean)}</td><td>{top}</td><td>{_bars(column)}</td></tr>"
    )


def _bars(column: ColumnProfile) -> str:
    """The histogram as a picture with words."""
    if not column.bins:
        return ""
    highest = max(column.bins)
    bars = "".join(
        f'<rect x="{5 * index}" y="{30 - height:.1f}" width="4" height="{height:.1f}"/>'
        for index, rows in enumerate(column.bins)
        if (height := 30 * rows / highest) > 0
    )
    label = html.escape(f"Distribuição de {column.name} em {BINS} faixas iguais")
    frame = 'class="bars" viewBox="0 0 100 30" preserveAspectRatio="none" role="img"'
    return f'<svg {frame} aria-label="{label}">{bars}</svg>'


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "sim" if value else "não"
    if isinstance(value, (int, float, Decimal)):
        return _number(float(value))
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    text = str(value)
    return html.escape(text if len(text) <= 60 else f"{text[:57]}…")


def _number(value: float | None) -> str:
    """A number as Brazilians write it: 1.234,5."""
    if value is None:
        return "–"
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}"
    return text.translate(str.maketrans(",.", ".,"))


def _count(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
