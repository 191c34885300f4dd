"""Mapping files: what is wrong in them is found when they are read, all at once and by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors.erp.contract import TABLES, source_columns
from extractors.erp.mapping import SHIPPED, MappingError, load, parse

PATH = Path("ours.yml")
GOOD: dict[str, Any] = {"schema": "erp", "tables": {table.table: {"table": table.table} for table in TABLES}}
EVENTS = next(table for table in TABLES if table.table == "requisitions")


def with_table(name: str, entry: Any) -> str:
    return yaml.safe_dump({**GOOD, "tables": {**GOOD["tables"], name: entry}})


@pytest.mark.parametrize("name", sorted(file.stem for file in SHIPPED.glob("*.yml")))
def test_every_shipped_mapping_is_sound_and_speaks_of_every_table(name: str) -> None:
    mapping = load(name)
    assert set(mapping.tables) == {table.table for table in TABLES}
    assert mapping.tables["items"] is not None


def test_a_table_that_the_erp_does_not_hold_is_said_so() -> None:
    assert parse(with_table("towers", None), PATH).tables["towers"] is None


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"table": "t", "columns": {"colour": "c"}}, "tables.items.columns: 'colour' is unknown"),
        ({"table": "t", "columns": {"unit": None}}, "tables.items.columns.unit: the name of a column"),
        ({"table": "t", "absent": ["item_id"]}, r"item_id belongs to the key \(item_id\) and cannot be absent"),
        ({"table": "t", "absent": ["unit"], "columns": {"unit": "u"}}, "unit is both in `columns` and in `absent`"),
        ({"table": "t", "query": "select 1"}, "give either `table` or `query`"),
        ({"columns": {"unit": "u"}}, "give either `table` or `query`"),
        ({"query": "select 1", "columns": {"unit": "u"}}, "a query names its own with `as`"),
        ({"table": "t", "change_key": "updated_at"}, "items is read whole each time and needs none"),
        ({"table": "t", "colums": {}}, "'colums' is unknown"),
        ({"table": "t", "deleted": {"column": "d"}}, "tables.items.deleted.equals: a value or a list"),
        ({"table": "t", "deleted": {"equals": "*"}}, "tables.items.deleted.column: a text is expected"),
        ("items", "tables.items: names with values are expected, not str 'items'"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place_and_what_is_known(entry: Any, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        parse(with_table("items", entry), PATH)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"table": "t", "change_key": "status"}, "'status' is not one of requested_at, fulfilled_at, created_at"),
        ({"table": "t", "absent": ["updated_at"]}, "write `change_key: null` to compare all rows each time"),
    ],
)
def test_a_change_key_is_a_moment_that_the_erp_holds(entry: Any, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        parse(with_table("requisitions", entry), PATH)


def test_all_that_is_wrong_is_told_at_once() -> None:
    content = {"schema": "", "look_back_days": -1, "tables": {"items": {"table": "t", "columns": {"colour": "c"}}}}
    with pytest.raises(MappingError) as caught:
        parse(yaml.safe_dump(content), PATH)
    for part in ("the file.schema", "look_back_days", "'colour' is unknown", "towers is missing; write `towers: null`"):
        assert part in str(caught.value)
    assert "ours.yml cannot be used as a mapping" in str(caught.value)


@pytest.mark.parametrize("text", ["schema: [", "schema: a\nschema: b\ntables: {}", "just words", ""])
def test_what_is_not_a_mapping_is_refused_by_its_path(text: str) -> None:
    with pytest.raises(MappingError, match=r"ours\.yml"):
        parse(text, PATH)


def test_an_unknown_choice_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"ERP_MAPPING=sap: No such file.*choose .*nova_corrente"):
        load("sap")
    with pytest.raises(MappingError, match=r"missing\.yml"):
        load(str(tmp_path / "missing.yml"))


def test_a_mapping_is_found_by_its_path_too(tmp_path: Path) -> None:
    file = tmp_path / "own.yml"
    file.write_text(yaml.safe_dump({**GOOD, "look_back_days": 10}))
    assert load(str(file)).look_back.days == 10


@given(
    st.dictionaries(
        st.sampled_from(source_columns(EVENTS).names), st.text(st.characters(exclude_categories=["C"]), min_size=1)
    )
)
def test_any_names_of_columns_come_through_unchanged(columns: dict[str, str]) -> None:
    entry = parse(with_table("requisitions", {"table": "t", "columns": columns}), PATH).tables["requisitions"]
    assert entry is not None
    assert entry.columns == columns


words = st.text(max_size=8)
scalars = st.none() | st.booleans() | st.integers() | words
junk = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))


@given(junk, st.sampled_from(["table", "query", "columns", "absent", "change_key", "deleted"]), junk)
def test_any_content_is_either_understood_or_refused_with_a_mapping_error(whole: Any, word: str, value: Any) -> None:
    for text in (yaml.safe_dump(whole), with_table("requisitions", {"table": "t", word: value})):
        try:
            parse(text, PATH)
        except MappingError as error:
            assert "ours.yml" in str(error)
