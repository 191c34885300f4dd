"""Asks published gold what the pages of the site ask it, with the same query files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from publication import gold
from publication.store import GoldStore

REPORTS = Path(__file__).resolve().parents[2] / "reports"
_TABLE = re.compile(r"\bgold\.([a-z0-9_]+)")
_PUBLICATION = """
    create table gold.publication as select
        $version::varchar as version, $generated_at::varchar as generated_at, $as_of_on::date as as_of_on,
        $passed::integer as checks_passed, $warned::integer as checks_warned, $failed::integer as checks_failed,
        $quality_score_pct::double as quality_score_pct
"""


class SnapshotError(Exception):
    """A snapshot cannot be made; the message says why and what to do."""


class GoldQueries:
    """Answers `reports/queries/<name>.sql` from the version of gold that the pointer names.

    Only the tables that a query needs are read. Two engines stand behind each other because the two layers of query
    files use the same schema name: a source reads `gold.<published table>`, a page's query `gold.<source>`.

    Raises:
        SnapshotError: If nothing is published.
    """

    def __init__(self, gold_root: str, reports: Path = REPORTS) -> None:
        self._store = GoldStore(gold_root)
        pointer = gold.current(self._store)
        if pointer is None:
            raise SnapshotError(f"nothing is published in {gold_root}; run the daily job first")
        self._tables: Mapping[str, Mapping[str, Any]] = pointer["tables"]
        self._queries = reports / "queries"
        self._sources = reports / "sources" / "gold"
        self._published, self._site = duckdb.connect(), duckdb.connect()
        self._read: set[str] = set()
        self._made: set[str] = set()
        for engine in (self._published, self._site):
            # Instants are stored in UTC, wherever this runs.
            engine.execute("set TimeZone = 'UTC'; create schema gold")
        checks = pointer.get("checks") or {}
        self._published.execute(
            _PUBLICATION,
            {
                "version": pointer["version"],
                "generated_at": pointer["generated_at"],
                "as_of_on": pointer.get("as_of_on"),
                "passed": checks.get("passed"),
                "warned": checks.get("warned"),
                "failed": checks.get("failed"),
                "quality_score_pct": pointer.get("quality_score_pct"),
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._published.close()
        self._site.close()

    def ask(self, query: str) -> list[dict[str, Any]]:
        """Rows of a page's query, in its order.

        Raises:
            SnapshotError: If the query, one of its sources or a published table does not exist.
        """
        answer = self._answer(query)
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def ask_table(self, query: str) -> pa.Table:
        """The same as a table, without a Python object for every value."""
        return self._answer(query).to_arrow_table()

    def ask_published(self, sql: str, origin: str) -> pa.Table:
        """The answer of published gold to a source's query, whose file is `origin` in errors.

        Raises:
            SnapshotError: If a published table does not exist or does not fit the query.
        """
        for table in _tables_of(sql):
            self._expose(table)
        try:
            return self._published.execute(sql).to_arrow_table()
        except duckdb.BinderException as error:
            reason = str(error).splitlines()[0]
            raise SnapshotError(
                f"{origin} does not fit the published gold ({reason}); "
                "run the daily job with this version of the code first"
            ) from error

    def _answer(self, query: str) -> duckdb.DuckDBPyConnection:
        sql = _text(self._queries / f"{query}.sql")
        for source in _tables_of(sql):
            self._make(source)
        return self._site.execute(sql)

    def _make(self, source: str) -> None:
        if source in self._made:
            return
        rows = self.ask_published(_text(self._sources / f"{source}.sql"), f"sources/gold/{source}.sql")
        self._site.register("incoming", rows)
        self._site.execute(f'create table gold."{source}" as from incoming')
        self._site.unregister("incoming")
        self._made.add(source)

    def _expose(self, table: str) -> None:
        if table == "publication" or table in self._read:
            return
        if table not in self._tables:
            raise SnapshotError(f"published gold has no table {table}; publish with this version of the code first")
        path = str(self._tables[table]["path"])
        if "://" in self._store.root:
            self._published.register(table, self._store.dataset(path))
            self._published.execute(f'create view gold."{table}" as from "{table}"')
        else:
            file = str(Path(self._store.root) / path).replace("'", "''")
            self._published.execute(f"create view gold.\"{table}\" as from read_parquet('{file}')")
        self._read.add(table)


def _text(path: Path) -> str:
    if not path.is_file():
        raise SnapshotError(f"{path} does not exist, but a page of the snapshot reads it")
    return path.read_text(encoding="utf-8")


def _tables_of(sql: str) -> list[str]:
    without_comments = re.sub(r"--[^\n]*", "", sql)
    return sorted(set(_TABLE.findall(without_comments)))
