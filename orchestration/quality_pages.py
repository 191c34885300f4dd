"""The static pages beside the report: Data Docs of the audit, a profile of each table, the lineage."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from extractors.catalog import TABLES
from orchestration.manifest import DBT_MANIFEST
from orchestration.platform import Platform
from publication import gold
from publication.store import GoldStore
from quality import relations
from quality.html import page, write_page
from quality.lineage import write_lineage
from quality.profiles import Subject, write_profiles

DATA_DOCS, PROFILES, LINEAGE = "data-docs", "perfis", "linhagem"


class NoSuchTableError(ValueError):
    """A profile is asked of a table that is not there; the message names those that are."""


def write_quality_pages(place: Platform) -> Path:
    """Bring the pages of published gold up to date; those whose table did not change stay.

    Returns:
        The folder of the pages.
    """
    write_gold_profiles(place)
    write_lineage(json.loads(DBT_MANIFEST.read_text(encoding="utf-8")), place.quality_pages / LINEAGE)
    links = {DATA_DOCS: "Data Docs", PROFILES: "Perfis das tabelas", LINEAGE: "Linhagem dos dados"}
    listed = "".join(f'<li><a href="{folder}/index.html">{title}</a></li>' for folder, title in links.items())
    write_page(place.quality_pages / "index.html", page("Documentos da qualidade", f"<ul>{listed}</ul>"))
    return place.quality_pages


def write_gold_profiles(place: Platform, wanted: Collection[str] | None = None) -> list[Path]:
    """Write the profiles of published tables, all of them or those that are named."""
    pointer = gold.current(GoldStore(place.gold_root))
    tables = {} if pointer is None else {n: t for n, t in pointer["tables"].items() if wanted is None or n in wanted}
    with relations.connect() as connection:
        for name, table in tables.items():
            relations.show_file(connection, name, f"{place.gold_root}/{table['path']}")
        subjects = [Subject(name, f'published."{name}"', table["sha256"]) for name, table in tables.items()]
        return write_profiles(connection, subjects, place.quality_pages / PROFILES)


def write_bronze_profiles(place: Platform, wanted: Collection[str] | None = None) -> list[Path]:
    """Write the profiles of what arrived last in bronze, of all tables or those that are named (`erp/items`)."""
    names = [table.name for table in TABLES if wanted is None or table.name in wanted]
    with relations.connect() as connection:
        relations.show_bronze(connection, place.lake_root)
        subjects = []
        for name in names:
            relation = f'bronze."{name.replace("/", "_")}"'
            seen = connection.execute(f"from {relation} select count(*), max(_extracted_at)").fetchone()
            subjects.append(Subject(name, relation, str(seen)))
        return write_profiles(connection, subjects, place.quality_pages / PROFILES)


def profile(place: Platform, table: str | None) -> list[Path]:
    """Write the profile of a table, or of all.

    Args:
        place: The installation.
        table: `source/table` of bronze or a table of gold; all of both by default.

    Returns:
        The pages that were written; those of tables that did not change stay.

    Raises:
        NoSuchTableError: There is no such table.
    """
    wanted = None if table is None else {table}
    pointer = gold.current(GoldStore(place.gold_root))
    known = {bronze.name for bronze in TABLES} | set(pointer["tables"] if pointer else ())
    if table is not None and table not in known:
        raise NoSuchTableError(f"no table {table!r}; there are: {', '.join(sorted(known))}")
    return write_gold_profiles(place, wanted) + write_bronze_profiles(place, wanted)
