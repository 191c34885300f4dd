"""Writes chosen pages of the report into one HTML file that needs nothing beside it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from publication.snapshot import words
from publication.snapshot.gold_queries import REPORTS, GoldQueries, SnapshotError
from publication.snapshot.pages import DEFAULT_PAGES, PAGES, Page, Table


@dataclass(frozen=True)
class _Figure:
    name: str
    label: str
    text: str
    value: Any


@dataclass(frozen=True)
class _Table:
    title: str
    note: str
    empty: str
    headings: Sequence[tuple[str, bool]]  # words, whether numbers stand below
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class _Section:
    name: str
    title: str
    lead: str
    figures: Sequence[_Figure]
    tables: Sequence[_Table]


def write_snapshot(
    gold_root: str, target: Path, pages: Sequence[str] = DEFAULT_PAGES, *, reports: Path = REPORTS
) -> Path:
    """Write chosen pages of the report as one self-contained HTML file, with complete tables.

    Args:
        gold_root: Folder or ``s3://`` address of published gold.
        target: The file to write; its folder is made where missing, an older file is replaced in one step.
        pages: Names of pages (`PAGES`), in the order wanted.
        reports: The report's folder, whose queries and colours are used.

    Returns:
        `target`, absolute.

    Raises:
        SnapshotError: If nothing is published, a page is not known, or gold lacks a table that a page reads.
    """
    unknown = [name for name in pages if name not in PAGES]
    if unknown or not pages:
        raise SnapshotError(f"no such page: {', '.join(unknown) or '(none given)'}; known: {', '.join(PAGES)}")
    with GoldQueries(gold_root, reports) as queries:
        publication = queries.ask("publication")[0]
        stale_sources = queries.ask("stale_sources")
        sections = [_section(name, PAGES[name], queries) for name in pages]
    html = _template().render(
        sections=sections,
        publication=publication,
        stale_sources=stale_sources,
        colours=(reports / "app.css").read_text(encoding="utf-8"),
        words=words,
    )
    return _write(target.absolute(), html)


def _section(name: str, page: Page, queries: GoldQueries) -> _Section:
    figures = []
    for figure in page.figures:
        rows = [row for row in queries.ask(figure.query) if figure.keep is None or figure.keep(row)]
        value = rows[-1][figure.column] if rows else None
        figures.append(_Figure(figure.column, figure.label, figure.text(value), value))
    tables = [
        _Table(
            title=table.title,
            note=table.note,
            empty=table.empty,
            headings=[(column.label, column.is_number) for column in table.columns],
            rows=[[column.text(row) for column in table.columns] for row in _rows(table, queries)],
        )
        for table in page.tables
    ]
    return _Section(name, page.title, page.lead, figures, tables)


def _rows(table: Table, queries: GoldQueries) -> list[dict[str, Any]]:
    rows = [row for row in queries.ask(table.query) if table.keep is None or table.keep(row)]
    if not table.latest or not rows:
        return rows
    newest = max(row[table.latest] for row in rows)
    return [row for row in rows if row[table.latest] == newest]


def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("publication.snapshot"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("snapshot.html.j2")


def _write(target: Path, html: str) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(html)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target
