"""The settings: read from a mapping, with errors that name the variable."""

from __future__ import annotations

from datetime import date

import pytest

from extractors.catalog import TABLES
from extractors.settings import Settings, SettingsError


def test_dates_and_lists_are_read() -> None:
    settings = Settings.from_environment(
        {
            "LAKE_ROOT": "/lake",
            "NOVA_TODAY": "2024-02-29",
            "INMET_STATIONS": "a401, A402",
            "INMET_STATES": "",
            "INMET_BASE_URL": "https://host/",
            "UNRELATED": "x",
        }
    )

    assert settings.today == date(2024, 2, 29)
    assert settings.history_from == date(2020, 2, 29)
    assert settings.inmet_stations == ("A401", "A402")
    assert settings.inmet_states == ("BA",)
    assert settings.need("INMET_BASE_URL") == "https://host"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "LAKE_ROOT is not set"),
        ({"LAKE_ROOT": "data/lake"}, "LAKE_ROOT must be an absolute path"),
        ({"LAKE_ROOT": "/l", "WAREHOUSE_PATH": "w.duckdb"}, "WAREHOUSE_PATH must be an absolute path"),
        ({"LAKE_ROOT": "/l", "NOVA_TODAY": "29/02/2024"}, "NOVA_TODAY must be an ISO date"),
        ({"LAKE_ROOT": "/l", "NOVA_TODAY": "2024-01-01", "NOVA_HISTORY_FROM": "2024-01-01"}, "NOVA_HISTORY_FROM"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings.from_environment(environment)


def test_a_feed_asks_for_its_address_only_when_it_runs() -> None:
    settings = Settings.from_environment({"LAKE_ROOT": "s3://bucket/lake"})

    with pytest.raises(SettingsError, match="ERP_DSN is not set; example: postgresql://"):
        settings.need("ERP_DSN")


def test_secrets_do_not_show_in_the_settings() -> None:
    settings = Settings.from_environment(
        {"LAKE_ROOT": "/l", "INMET_TOKEN": "t0ken", "ERP_DSN": "postgresql://u:pw@h/d"}
    )

    assert "t0ken" not in repr(settings)
    assert "pw" not in repr(settings)


def test_every_bronze_table_has_its_key_among_its_columns_and_one_place() -> None:
    assert len({table.name for table in TABLES}) == len(TABLES)
    for table in TABLES:
        assert set(table.key) <= set(table.schema.names)
