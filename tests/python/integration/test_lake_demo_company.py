"""Every bronze table against the demonstration company: the second run of a day lands nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from extractors.catalog import TABLES, extract
from extractors.lake import Lake, Landing
from extractors.settings import Settings
from simulator.company import DemoCompany


def run(environment: dict[str, str], lake: Lake, root: str, run_id: str) -> dict[str, Landing]:
    settings = Settings.from_environment({**environment, "LAKE_ROOT": root})
    return {table.name: extract(table, settings, lake, run_id) for table in TABLES}


@pytest.mark.slow
def test_every_table_lands_once_and_only_the_new_day_after_it(tmp_path: Path) -> None:
    company = DemoCompany(tmp_path / "company", size="ci")
    company.create(date(2026, 6, 15), first_day=date(2026, 1, 1))
    root = str(tmp_path / "lake")
    lake = Lake(root)
    lake.ensure_contracts(TABLES)

    with company.running() as environment:
        first = run(environment, lake, root, "r1")
        second = run(environment, lake, root, "r2")

        # The panel's counts come by hand only, and nobody has tried policies yet.
        empty = {name for name, landing in first.items() if not landing.rows_landed}
        assert empty == {"anatel/station_counts", "backtest/policy_outcomes"}
        assert [name for name, landing in second.items() if landing.files] == []
        assert first["erp/requisitions"].rows_landed > 500

    company.advance(1)
    with company.running() as environment:
        third = run(environment, lake, root, "r3")

    assert third["calendar/holidays"].files == []
    for name in ("erp/requisitions", "erp/stock_movements", "erp/work_orders"):
        assert 0 < third[name].rows_landed < first[name].rows_landed / 20
    observations = third["inmet/observations"]
    assert observations.first_day == date(2026, 6, 1)
