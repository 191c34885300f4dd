"""The demonstration company's workbook: the same day gives the same bytes, and it holds what real ones hold."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from extractors.lake import Lake
from extractors.uploads import land_file
from simulator.assumptions import Dirt
from simulator.buyers_workbook import HEADER, lines_of, write_workbook
from simulator.catalogue import Items, Suppliers
from simulator.feeds.world import FeedWorld

Catalogue = tuple[Items, Suppliers, int]
SEED, UNTIL = 11, date(2026, 6, 14)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return FeedWorld("ci", SEED, UNTIL, Dirt()).catalogue


def write(catalogue: Catalogue, folder: Path, until: date = UNTIL) -> Path:
    items, suppliers, _ = catalogue
    return write_workbook(items, suppliers, seed=SEED, until=until, folder=folder)


def test_same_day_gives_the_same_bytes_and_the_next_day_other_ones(catalogue: Catalogue, tmp_path: Path) -> None:
    first = write(catalogue, tmp_path / "a").read_bytes()
    time.sleep(1.1)  # the moments that must not show in the file have the resolution of a second

    assert write(catalogue, tmp_path / "b").read_bytes() == first
    assert write(catalogue, tmp_path / "c", date(2026, 6, 16)).read_bytes() != first
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["Compras.xlsx"]


def test_lines_are_not_on_the_first_sheet_and_are_dirty_in_the_ways_of_real_ones(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(write(catalogue, tmp_path))
    header, *lines = book["Compras"].iter_rows(values_only=True)

    assert book.sheetnames[0] == "Resumo"
    assert header == HEADER
    assert {type(line[10]) for line in lines} == {datetime, str, int}
    assert any(line[0] is None for line in lines)
    assert any(line[6] == "SR" for line in lines)
    assert any(str(line[1]).startswith("0") for line in lines)


def test_lines_of_a_day_do_not_depend_on_the_days_around_it(catalogue: Catalogue) -> None:
    items, suppliers, _ = catalogue

    days = [lines_of(items, suppliers, SEED, date(2026, 6, 9)) for _ in range(2)]

    assert days[0] == days[1]


def test_extractor_takes_nearly_all_of_it(catalogue: Catalogue, tmp_path: Path) -> None:
    landing = land_file(write(catalogue, tmp_path / "inbox"), Lake(str(tmp_path / "lake")), "r1")

    assert landing.rows_landed > 20 * landing.rows_quarantined
    assert landing.rows_landed > 50
