"""The schema registry: what every bronze table looks like, in one generated file of the lake.

A table's entry holds its contract, and the columns that a source added beside it, each with its type and the day it was
first seen. The file is written by the lake; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from extractors.http import FeedContractError

if TYPE_CHECKING:
    from extractors.lake import BronzeTable

FILE = "schemas.json"
Registry = dict[str, dict[str, Any]]


def contract_entry(table: BronzeTable, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The entry of a table: its contract as the code has it now, and the added columns that were known before."""
    columns = {column.name: str(column.type) for column in table.schema}
    added = dict((known or {}).get("added_columns", {}))
    return {
        "schema_version": table.schema_version,
        "kind": table.kind,
        "key": list(table.key),
        "columns": columns,
        "added_columns": {name: facts for name, facts in added.items() if name not in columns},
    }


def added_columns(table: BronzeTable, schema: pa.Schema) -> dict[str, str]:
    """Name and type of the columns that a source sends beside the contract."""
    return {column.name: str(column.type) for column in schema if column.name not in table.schema.names}


def take_in(table: BronzeTable, entry: Mapping[str, Any], added: Mapping[str, str], day: date) -> dict[str, Any]:
    """The entry with the added columns of a landing in it.

    Args:
        table: Which table.
        entry: What is known of it.
        added: Name to type, as `added_columns` gives it.
        day: Day of the landing.

    Raises:
        FeedContractError: A column that was added earlier comes with another type.
    """
    known = dict(entry["added_columns"])
    retyped = [
        f"{name} was {known[name]['type']} and is {kind} now"
        for name, kind in added.items()
        if name in known and known[name]["type"] != kind
    ]
    if retyped:
        raise FeedContractError(
            table.name,
            str(day),
            f"added columns changed their type: {'; '.join(retyped)}",
            "take the column into the contract in extractors/, with a new schema_version if its meaning changed",
        )
    fresh = {
        name: {"type": kind, "first_seen_on": day.isoformat()} for name, kind in added.items() if name not in known
    }
    return {**entry, "added_columns": {**known, **fresh}}
