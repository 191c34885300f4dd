"""Published tables as views of an in-memory DuckDB: how a Python reader asks gold a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from publication.gold import PublicationError
from publication.store import GoldStore


@contextmanager
def published_tables(
    root: str, pointer: Mapping[str, Any], names: Iterable[str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Tables of one version of gold under their own names, for the length of the block.

    Args:
        root: The gold root.
        pointer: The manifest of the version to read.
        names: Tables that the questions need.

    Raises:
        PublicationError: The version lacks one of them.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        files = GoldStore(root)
        for name in names:
            if name not in pointer["tables"]:
                raise PublicationError(f"gold {pointer['version']} has no table {name}; run the daily job again")
            connection.register(name, files.dataset(pointer["tables"][name]["path"]))
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answer to a query as one dictionary a row."""
    answer = connection.execute(query, parameters)
    columns = [column[0] for column in answer.description]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
