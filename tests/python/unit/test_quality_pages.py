"""Profiles and lineage: figures that can be counted by hand, pages that ask nothing of anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from quality.lineage import write_lineage
from quality.profiles import BINS, ColumnProfile, Subject, profile, write_profiles

FETCHED = re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//|@import|url\(", flags=re.IGNORECASE)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(
            """
            create table parts as select * from (values
                ('a', 1.5::decimal(18, 2), date '2026-01-01', true, null::integer),
                ('a', 3.5, date '2026-01-11', true, null),
                ('<b>&', 5.5, date '2026-01-21', false, null),
                (null, null, null, null, null)
            ) as t(name, cost_brl, bought_on, is_active, nothing)
            """
        )
        yield opened


@pytest.fixture
def columns(connection: duckdb.DuckDBPyConnection) -> dict[str, ColumnProfile]:
    return {column.name: column for column in profile(connection, "parts")}


def test_gaps_bounds_and_means_are_counted_exactly(columns: dict[str, ColumnProfile]) -> None:
    cost = columns["cost_brl"]
    assert (cost.rows, cost.nulls, float(cost.least), float(cost.greatest), cost.mean) == (4, 1, 1.5, 5.5, 3.5)
    assert columns["nothing"].nulls == 4
    assert columns["nothing"].bins == []


def test_frequent_values_come_with_their_rows(columns: dict[str, ColumnProfile]) -> None:
    assert columns["name"].top == [("a", 2), ("<b>&", 1)]
    assert columns["cost_brl"].top == []  # nothing repeats


@pytest.mark.parametrize("name", ["cost_brl", "bought_on"])
def test_histograms_put_the_least_first_and_the_greatest_last(columns: dict[str, ColumnProfile], name: str) -> None:
    bins = columns[name].bins
    assert (len(bins), bins[0], bins[BINS // 2], bins[-1], sum(bins)) == (BINS, 1, 1, 1, 3)


def test_pages_escape_what_is_in_the_data_and_fetch_nothing(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (written,) = write_profiles(connection, [Subject("erp/parts", "parts", "v1")], tmp_path)
    text = written.read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;" in text
    assert "<b>&" not in text
    assert "25 %" in text
    assert "21/01/2026" in text
    assert not FETCHED.search(text)
    assert 'href="erp__parts.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_table_that_did_not_change_keeps_its_page(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert write_profiles(connection, [Subject("parts", "parts", "v1")], tmp_path)
    connection.execute("insert into parts values ('z', 9, null, null, null)")
    assert write_profiles(connection, [Subject("parts", "parts", "v1")], tmp_path) == []
    (again,) = write_profiles(connection, [Subject("parts", "parts", "v2")], tmp_path)
    assert "5 linhas" in again.read_text(encoding="utf-8")


def test_an_empty_table_has_a_page_too(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    connection.execute("create table empty as from parts where false")
    (written,) = write_profiles(connection, [Subject("empty", "empty", "v1")], tmp_path)
    assert "0 linhas" in written.read_text(encoding="utf-8")


def test_lineage_goes_from_the_source_to_the_page(tmp_path: Path) -> None:
    source, model, page = "source.nova.erp.items", "model.nova.dim_items", "exposure.nova.report_item"
    manifest = {
        "nodes": {
            model: {"resource_type": "model", "name": "dim_items", "fqn": ["nova", "marts", "core", "dim_items"]}
        },
        "sources": {source: {"resource_type": "source", "source_name": "erp", "name": "items"}},
        "exposures": {page: {"resource_type": "exposure", "name": "report_item", "label": "Item"}},
        "parent_map": {model: [source], page: [model], source: []},
        "child_map": {source: [model], model: [page, "test.nova.some_test"], page: []},
    }
    text = write_lineage(manifest, tmp_path).read_text(encoding="utf-8")
    rows = {
        cells[0]: cells[1:] for cells in (re.findall(r"<td>(.*?)</td>", row) for row in text.split("<tr>")) if cells
    }
    own = {re.sub("<.*?>", "", name): [re.sub("<.*?>", "", cell) for cell in cells] for name, cells in rows.items()}
    assert own == {"erp/items": ["–", "dim_items"], "dim_items": ["erp/items", "Item"], "Item": ["dim_items", "–"]}
    assert not FETCHED.search(text)
