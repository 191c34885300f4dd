"""Every statistical and inventory macro gives what its table of cases says."""

from __future__ import annotations

import duckdb
import pytest
from macro_cases import TABLES
from macro_run import failures
from macro_sql import needed_by, sources


@pytest.mark.parametrize("macro", TABLES)
def test_a_macro_gives_the_values_of_its_table(macro: str) -> None:
    with duckdb.connect() as connection:
        assert failures(connection, macro) == []


def test_every_macro_has_a_table_or_stands_under_one_that_has() -> None:
    checked = frozenset().union(*(needed_by(macro) for macro in TABLES))

    assert sources().keys() - checked == set()
