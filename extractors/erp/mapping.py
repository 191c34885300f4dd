"""Mapping files: which tables and columns of an ERP are our bronze tables and columns.

A mapping is a YAML file. Each bronze table is either read from one table of the ERP, whose columns are renamed, or from
a query, where one of ours is several of theirs; what the ERP does not hold is said so. Everything is checked when the
file is read, and all that is wrong is told at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from extractors.erp.contract import TABLES, source_columns
from extractors.lake import BronzeTable
from extractors.settings import SettingsError

SHIPPED = Path(__file__).parent / "mappings"
DEFAULT_CHANGE_KEY = "updated_at"
DEFAULT_LOOK_BACK_DAYS = 3
DEFAULT_LARGEST_LOSS_PCT = 20
_FILE_WORDS = {"name", "schema", "look_back_days", "largest_loss_pct", "tables"}
_TABLE_WORDS = {"table", "columns", "query", "absent", "change_key", "deleted"}


class MappingError(SettingsError):
    """A mapping file cannot be used; the message lists everything that is wrong with it."""


@dataclass(frozen=True)
class Deletion:
    """Rows of which a column holds one of these texts are deleted in the ERP, though they are still there."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class TableMapping:
    """Where one bronze table comes from.

    Attributes:
        table: Name of the table in the ERP; empty with a query.
        columns: Bronze column to the ERP's column, where the names differ.
        query: SQL whose columns have the names of the bronze table.
        absent: Bronze columns that the ERP does not hold; landed as NULL.
        change_key: Bronze column with the moment of a row's last change; None where the ERP has none.
        deletion: Which rows count as deleted.
    """

    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    absent: frozenset[str] = frozenset()
    change_key: str | None = None
    deletion: Deletion | None = None


@dataclass(frozen=True)
class ErpMapping:
    """A mapping file that was checked.

    Attributes:
        name: What the ERP is called.
        path: The file, for messages.
        schema: Schema of the tables, and the one that queries look in.
        look_back: How far before the last known change rows are read again.
        largest_loss_pct: Share of an event table's rows that may vanish between two readings.
        tables: Bronze table to its mapping; None for a table that the ERP does not hold.
    """

    name: str
    path: Path
    schema: str
    look_back: timedelta
    largest_loss_pct: float
    tables: Mapping[str, TableMapping | None]


def load(choice: str) -> ErpMapping:
    """Read and check a mapping file.

    Args:
        choice: Name of a mapping of this package (`nova_corrente`, `odoo`, …) or the path of a file.

    Raises:
        MappingError: There is no such file, or something in it is wrong.
    """
    path = Path(choice) if choice.endswith((".yml", ".yaml")) else SHIPPED / f"{choice}.yml"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.yml")))
        raise MappingError(
            f"ERP_MAPPING={choice}: {error.strerror or error} ({path}); choose {known}, or a .yml file by its path"
        ) from None
    return parse(text, path)


def parse(text: str, path: Path) -> ErpMapping:
    """Check the text of a mapping file.

    Args:
        text: YAML.
        path: Named in messages.

    Raises:
        MappingError: Lists everything that is wrong.
    """
    try:
        content = yaml.load(text, Loader=_OnceLoader)  # noqa: S506 - a SafeLoader that refuses repeated keys
    except yaml.YAMLError as error:
        raise MappingError(f"{path}: not YAML ({' '.join(str(error).split())})") from None
    problems: list[str] = []
    found = _mapping_of(content, "the file", problems)
    _refuse_unknown(found, _FILE_WORDS, "the file", problems)
    schema = _text(found, "schema", "the file", problems)
    look_back = _number(found, "look_back_days", DEFAULT_LOOK_BACK_DAYS, (0, 366), problems)
    largest_loss = _number(found, "largest_loss_pct", DEFAULT_LARGEST_LOSS_PCT, (0, 100), problems)
    entries = _mapping_of(found.get("tables"), "tables", problems)
    _refuse_unknown(entries, {table.table for table in TABLES}, "tables", problems)
    tables: dict[str, TableMapping | None] = {}
    for table in TABLES:
        if table.table not in entries:
            problems.append(
                f"tables: {table.table} is missing; write `{table.table}: null` if the ERP does not hold it"
            )
        elif entries[table.table] is None:
            tables[table.table] = None
        else:
            tables[table.table] = _table(table, entries[table.table], problems)
    if problems:
        raise MappingError(f"{path} cannot be used as a mapping:\n- " + "\n- ".join(problems))
    return ErpMapping(
        name=str(found.get("name") or path.stem),
        path=path,
        schema=schema,
        look_back=timedelta(days=look_back),
        largest_loss_pct=largest_loss,
        tables=tables,
    )


def _table(table: BronzeTable, content: Any, problems: list[str]) -> TableMapping:
    where = f"tables.{table.table}"
    entry = _mapping_of(content, where, problems)
    _refuse_unknown(entry, _TABLE_WORDS, where, problems)
    if ("table" in entry) == ("query" in entry):
        problems.append(f"{where}: give either `table` or `query`")
    if "query" in entry and "columns" in entry:
        problems.append(f"{where}: `columns` renames the columns of a `table`; a query names its own with `as`")
    ours = source_columns(table).names
    columns = _mapping_of(entry.get("columns", {}), f"{where}.columns", problems)
    _refuse_unknown(columns, set(ours), f"{where}.columns", problems)
    for name, column in columns.items():
        if not isinstance(column, str) or not column:
            problems.append(f"{where}.columns.{name}: the name of a column of the ERP is expected, not {column!r}")
    absent = _texts(entry.get("absent", []), f"{where}.absent", problems)
    _refuse_unknown(dict.fromkeys(absent), set(ours), f"{where}.absent", problems)
    for name in absent:
        if name in columns:
            problems.append(f"{where}: {name} is both in `columns` and in `absent`")
        if name in table.key:
            problems.append(f"{where}: {name} belongs to the key ({', '.join(table.key)}) and cannot be absent")
    return TableMapping(
        table=_text(entry, "table", where, problems) if "table" in entry else "",
        columns={str(name): str(column) for name, column in columns.items()},
        query=_text(entry, "query", where, problems).rstrip().rstrip(";") if "query" in entry else "",
        absent=frozenset(absent),
        change_key=_change_key(table, entry, absent, where, problems),
        deletion=_deletion(entry, where, problems),
    )


def _change_key(
    table: BronzeTable, entry: Mapping[str, Any], absent: list[str], where: str, problems: list[str]
) -> str | None:
    if table.kind != "changes":
        if "change_key" in entry:
            problems.append(f"{where}.change_key: {table.table} is read whole each time and needs none")
        return None
    key = entry.get("change_key", DEFAULT_CHANGE_KEY)
    if key is None:
        return None
    moments = [column.name for column in source_columns(table) if str(column.type).startswith("timestamp")]
    if key not in moments:
        problems.append(f"{where}.change_key: {key!r} is not one of {', '.join(moments)}")
    elif key in absent:
        problems.append(f"{where}.change_key: {key} is absent; write `change_key: null` to compare all rows each time")
    return str(key)


def _deletion(entry: Mapping[str, Any], where: str, problems: list[str]) -> Deletion | None:
    if "deleted" not in entry:
        return None
    where = f"{where}.deleted"
    rule = _mapping_of(entry["deleted"], where, problems)
    _refuse_unknown(rule, {"column", "equals"}, where, problems)
    given = rule.get("equals")
    values = given if isinstance(given, list) else [given]
    if not values or any(value is None for value in values):
        problems.append(f"{where}.equals: a value or a list of values is expected")
    texts = (str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    return Deletion(_text(rule, "column", where, problems), tuple(texts))


def _mapping_of(content: Any, where: str, problems: list[str]) -> dict[Any, Any]:
    if isinstance(content, dict):
        return content
    problems.append(f"{where}: names with values are expected, not {_kind(content)}")
    return {}


def _refuse_unknown(found: Mapping[Any, Any], known: set[str], where: str, problems: list[str]) -> None:
    problems += [
        f"{where}: {name!r} is unknown; known are {', '.join(sorted(known))}" for name in found if name not in known
    ]


def _text(found: Mapping[Any, Any], name: str, where: str, problems: list[str]) -> str:
    value = found.get(name)
    if isinstance(value, str) and value.strip() and "\0" not in value:
        return value
    problems.append(f"{where}.{name}: a text is expected, not {_kind(value)}")
    return ""


def _texts(content: Any, where: str, problems: list[str]) -> list[str]:
    if isinstance(content, list) and all(isinstance(value, str) for value in content):
        return content
    problems.append(f"{where}: a list of names is expected, not {_kind(content)}")
    return []


def _number(
    found: Mapping[Any, Any], name: str, default: float, bounds: tuple[float, float], problems: list[str]
) -> float:
    value = found.get(name, default)
    if isinstance(value, int | float) and not isinstance(value, bool) and bounds[0] <= value <= bounds[1]:
        return float(value)
    problems.append(f"{name}: a number from {bounds[0]:g} to {bounds[1]:g} is expected, not {value!r}")
    return default


def _kind(content: Any) -> str:
    return "nothing" if content is None or content == "" else f"{type(content).__name__} {str(content)[:40]!r}"


class _OnceLoader(yaml.SafeLoader):
    """Refuses a key that is written twice, of which YAML would silently keep the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is written twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)
