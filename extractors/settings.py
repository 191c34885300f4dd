"""What the extractors need to know from outside: addresses, secrets, folders, and what day it is.

The environment is read when a run starts, never at import, so that definitions load without any of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

BUSINESS_TIME_ZONE = ZoneInfo("America/Bahia")
HISTORY_YEARS = 4

EXAMPLES = {
    "LAKE_ROOT": "/srv/nova/lake or s3://bucket/prefix",
    "WAREHOUSE_PATH": "/srv/nova/warehouse.duckdb",
    "ERP_DSN": "postgresql://user:password@host:5432/database",
    "ERP_MAPPING": "odoo, or the path of a mapping file",
    "INMET_BASE_URL": "https://apitempo.inmet.gov.br",
    "INMET_TOKEN": "the token that INMET sent you",
    "INMET_ARCHIVE_BASE_URL": "https://portal.inmet.gov.br/uploads/dadoshistoricos",
    "BACEN_SGS_BASE_URL": "https://api.bcb.gov.br/dados/serie",
    "BACEN_PTAX_BASE_URL": "https://olinda.bcb.gov.br/olinda/servico/PTAX/versao/v1/odata",
    "BACEN_FOCUS_BASE_URL": "https://olinda.bcb.gov.br/olinda/servico/Expectativas/versao/v1/odata",
    "ANATEL_BASE_URL": "https://www.anatel.gov.br/dadosabertos/paineis_de_dados",
    "SUPPLIERS_BASE_URL": "https://quotes.example/api",
    "SUPPLIERS_TOKEN": "the token that the purchasing portal issued",
    "UPLOADS_PATH": "/srv/nova/uploads",
    "UPLOADS_MAX_MEGABYTES": "2048",
    "BACKTEST_PATH": "/srv/nova/exports/backtest",
    "FORECASTS_PATH": "/srv/nova/exports/ml_results",
}

# Without these a feed fails; every other setting has a default or is a feed's choice.
NEEDED = (
    "ERP_DSN",
    "INMET_BASE_URL",
    "INMET_TOKEN",
    "BACEN_SGS_BASE_URL",
    "BACEN_PTAX_BASE_URL",
    "BACEN_FOCUS_BASE_URL",
    "ANATEL_BASE_URL",
)


@dataclass(frozen=True)
class Window:
    """Days that are to be read again, exactly these, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"a window that ends ({self.last}) before it begins ({self.first})")

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    def holds(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last


class SettingsError(ValueError):
    """An environment variable is missing or cannot be understood; the message names it."""


@dataclass(frozen=True)
class Settings:
    """The environment of a run; addresses that are not set are empty until a feed asks for them.

    Attributes:
        lake_root: Absolute path or `s3://…`.
        warehouse_path: Absolute path of the warehouse file; empty if not set.
        erp_dsn: libpq URI of the ERP. Secret.
        erp_mapping: Name of a mapping of `extractors/erp/mappings`, or the path of a mapping file.
        inmet_base_url: Address without a trailing slash, as are all others.
        inmet_token: Part of INMET's address. Secret.
        inmet_archive_base_url: Folder of the yearly archives; empty = past years come from the API, too.
        inmet_stations: Station codes; empty = all operating automatic stations of `inmet_states`.
        inmet_states: Two-letter codes.
        anatel_states: Two-letter codes of the states whose mobile accesses are kept.
        today: The morning on which the run happens; the last closed day is the one before.
        history_from: First day fetched when the lake holds nothing of a feed.
        backtest_path: Absolute folder of the policy backtest's outcomes; empty if not set.
        forecasts_path: Absolute folder that the forecasting environment writes its results to; empty if not set.
        suppliers_base_url: Address of the supplier quotes; empty = this feed is not used.
        suppliers_token: Bearer token of the supplier quotes. Secret.
        uploads_path: Absolute folder that holds the buyers' inbox; empty = there is none.
        uploads_max_megabytes: What a buyers' workbook may unpack to.
        window: Days to read again; None = what is new since the last reading, with the feed's own look-back.
    """

    lake_root: str
    today: date
    history_from: date
    warehouse_path: str = ""
    erp_dsn: str = field(default="", repr=False)
    erp_mapping: str = "nova_corrente"
    inmet_base_url: str = ""
    inmet_token: str = field(default="", repr=False)
    inmet_archive_base_url: str = ""
    inmet_stations: tuple[str, ...] = ()
    inmet_states: tuple[str, ...] = ("BA",)
    bacen_sgs_base_url: str = ""
    bacen_ptax_base_url: str = ""
    bacen_focus_base_url: str = ""
    anatel_base_url: str = ""
    forecasts_path: str = ""
    anatel_states: tuple[str, ...] = ("BA",)
    suppliers_base_url: str = ""
    suppliers_token: str = field(default="", repr=False)
    uploads_path: str = ""
    uploads_max_megabytes: int = 2048
    backtest_path: str = ""
    window: Window | None = None

    @staticmethod
    def from_environment(env: Mapping[str, str]) -> Settings:
        """Read the settings from environment variables.

        Args:
            env: Usually `os.environ`.

        Raises:
            SettingsError: LAKE_ROOT is missing, a path is relative, or a date cannot be read.
        """
        value = {name: text.strip() for name, text in env.items() if name in EXAMPLES}
        lake_root = value.get("LAKE_ROOT", "")
        if not lake_root:
            raise SettingsError(_unset("LAKE_ROOT"))
        for name in ("LAKE_ROOT", "WAREHOUSE_PATH", "FORECASTS_PATH", "UPLOADS_PATH", "BACKTEST_PATH"):
            path = value.get(name, "")
            if path and not path.startswith("/") and "://" not in path:
                raise SettingsError(f"{name} must be an absolute path, not {path!r}; example: {EXAMPLES[name]}")
        megabytes = value.get("UPLOADS_MAX_MEGABYTES") or EXAMPLES["UPLOADS_MAX_MEGABYTES"]
        if not megabytes.isdecimal() or not int(megabytes):
            raise SettingsError(f"UPLOADS_MAX_MEGABYTES must be a whole number such as 2048, not {megabytes!r}")
        today = _date(env, "NOVA_TODAY") or datetime.now(BUSINESS_TIME_ZONE).date()
        history_from = _date(env, "NOVA_HISTORY_FROM") or years_before(today, HISTORY_YEARS)
        if history_from >= today:
            raise SettingsError(f"NOVA_HISTORY_FROM ({history_from}) must lie before today ({today})")
        return Settings(
            lake_root=lake_root,
            today=today,
            history_from=history_from,
            warehouse_path=value.get("WAREHOUSE_PATH", ""),
            erp_dsn=value.get("ERP_DSN", ""),
            erp_mapping=value.get("ERP_MAPPING") or "nova_corrente",
            inmet_base_url=value.get("INMET_BASE_URL", "").rstrip("/"),
            inmet_token=value.get("INMET_TOKEN", ""),
            inmet_archive_base_url=value.get("INMET_ARCHIVE_BASE_URL", "").rstrip("/"),
            inmet_stations=_codes(env.get("INMET_STATIONS", "")),
            inmet_states=_codes(env.get("INMET_STATES", "")) or ("BA",),
            bacen_sgs_base_url=value.get("BACEN_SGS_BASE_URL", "").rstrip("/"),
            bacen_ptax_base_url=value.get("BACEN_PTAX_BASE_URL", "").rstrip("/"),
            bacen_focus_base_url=value.get("BACEN_FOCUS_BASE_URL", "").rstrip("/"),
            anatel_base_url=value.get("ANATEL_BASE_URL", "").rstrip("/"),
            forecasts_path=value.get("FORECASTS_PATH", ""),
            anatel_states=_codes(env.get("ANATEL_UFS", "")) or ("BA",),
            suppliers_base_url=value.get("SUPPLIERS_BASE_URL", "").rstrip("/"),
            suppliers_token=value.get("SUPPLIERS_TOKEN", ""),
            uploads_path=value.get("UPLOADS_PATH", ""),
            uploads_max_megabytes=int(megabytes),
            backtest_path=value.get("BACKTEST_PATH", ""),
        )

    def need(self, variable: str) -> str:
        """Return a setting that a feed cannot do without.

        Args:
            variable: Name of the environment variable, for example `ERP_DSN`.

        Raises:
            SettingsError: It is not set.
        """
        value = getattr(self, variable.lower())
        if not value:
            raise SettingsError(_unset(variable))
        return str(value)


def years_before(day: date, years: int) -> date:
    """Return the same calendar day some years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _unset(variable: str) -> str:
    return f"{variable} is not set; example: {EXAMPLES[variable]}"


def _date(env: Mapping[str, str], variable: str) -> date | None:
    text = env.get(variable, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{variable} must be an ISO date such as 2026-01-31, not {text!r}") from None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code for code in re.split(r"[,\s]+", text.upper()) if code)
