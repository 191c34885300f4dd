"""Who is told what and how: read from one YAML file, with secrets taken from the environment.

``docs/alerts.example.yml`` shows every setting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

BAHIA = ZoneInfo("America/Bahia")
OWNER_NAMES = {
    "almoxarifado": "Almoxarifado",
    "cadastro": "Cadastro",
    "compras": "Compras",
    "diretoria": "Diretoria",
    "planejamento": "Planejamento",
    "ti": "TI",
}
_REFERENCE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_CHANNEL_KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {  # required, allowed beside them
    "email": (frozenset({"host", "sender", "to"}), frozenset({"port", "user", "password", "starttls"})),
    "slack": (frozenset({"url"}), frozenset()),
    "webhook": (frozenset({"url", "secret"}), frozenset()),
    "file": (frozenset({"folder"}), frozenset()),
}


class AlertSettingsError(Exception):
    """The alert settings cannot be used; the message says where and what to write instead."""


@dataclass(frozen=True)
class ChannelSettings:
    """One channel: its kind, the name under which its deliveries are kept, who is told, and the kind's own options."""

    kind: str
    name: str
    owners: tuple[str, ...]  # empty: all
    options: Mapping[str, Any] = field(repr=False)  # holds secrets


@dataclass(frozen=True)
class StockoutLimits:
    """Which stockouts are told of.

    Attributes:
        from_probability: A part at its reorder point is told of from this probability of running out before a supply.
        until_probability: What was told of is closed below this one, so that a part at the limit is not told daily.
        critical_within_days: A vital part that is empty within so many days is critical.
    """

    from_probability: float = 0.5
    until_probability: float = 0.3
    critical_within_days: int = 7

    def __post_init__(self) -> None:
        if not 0 < self.until_probability <= self.from_probability < 1:
            raise ValueError("stockouts need 0 < until_probability <= from_probability < 1")


@dataclass(frozen=True)
class AlertSettings:
    """How alerts are told.

    Attributes:
        channels: Where to; none by default, then alerts are only kept.
        report_url: Address of the report site, for links; empty when it is not served.
        remind_after_days: After how many days a standing condition is told again.
        stockouts: Which stockouts are told of.
        quiet_from: Local time from which only critical conditions are told; None for no quiet hours.
        quiet_until: Local time at which the quiet hours end.
    """

    channels: tuple[ChannelSettings, ...] = ()
    report_url: str = ""
    remind_after_days: int = 7
    stockouts: StockoutLimits = field(default_factory=StockoutLimits)
    quiet_from: time | None = None
    quiet_until: time | None = None

    def is_quiet(self, now: datetime) -> bool:
        """Whether a moment lies in the quiet hours of Bahia."""
        if self.quiet_from is None or self.quiet_until is None:
            return False
        local = now.astimezone(BAHIA).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= local < self.quiet_until
        return local >= self.quiet_from or local < self.quiet_until


def read_alert_settings(path: Path, environment: Mapping[str, str]) -> AlertSettings:
    """Read the settings.

    Args:
        path: The YAML file.
        environment: Values for ``${NAME}`` in it.

    Raises:
        AlertSettingsError: The file is missing, or not what it should be.
    """
    if not path.exists():
        raise AlertSettingsError(f"{path} does not exist; ALERTS_SETTINGS names it")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AlertSettingsError(f"{path} is not readable YAML ({error}); mend it or remove it") from error
    if not isinstance(content, dict):
        raise AlertSettingsError(f"{path} holds {type(content).__name__}, not named settings such as `channels:`")
    known = {"channels", "report_url", "remind_after_days", "quiet_hours", "stockouts"}
    if unknown := sorted(set(content) - known):
        raise AlertSettingsError(f"{path} names unknown settings {unknown}; known are {sorted(known)}")
    quiet = content.get("quiet_hours") or {}
    try:
        return AlertSettings(
            channels=tuple(_channel(path, entry, environment) for entry in content.get("channels") or []),
            report_url=str(content.get("report_url", "")).rstrip("/"),
            remind_after_days=int(content.get("remind_after_days", 7)),
            stockouts=StockoutLimits(**(content.get("stockouts") or {})),
            quiet_from=time.fromisoformat(quiet["from"]) if quiet else None,
            quiet_until=time.fromisoformat(quiet["until"]) if quiet else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AlertSettingsError(
            f'{path}: {error!r}; quiet_hours take from and until as "HH:MM", remind_after_days a whole number, '
            "stockouts what StockoutLimits names"
        ) from error


def _channel(path: Path, entry: Any, environment: Mapping[str, str]) -> ChannelSettings:
    kind = str(entry.get("kind")) if isinstance(entry, dict) else str(entry)
    if kind not in _CHANNEL_KEYS:
        raise AlertSettingsError(f"{path}: a channel has kind {kind!r}; known are {sorted(_CHANNEL_KEYS)}")
    name = str(entry.get("name") or kind)
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise AlertSettingsError(f"{path}: channel name {name!r} may hold only a-z, 0-9, - and _")
    options = {key: value for key, value in entry.items() if key not in ("kind", "name", "owners")}
    required, allowed = _CHANNEL_KEYS[kind]
    if missing := sorted(required - set(options)):
        raise AlertSettingsError(f"{path}: channel {name} lacks {missing}")
    if unknown := sorted(set(options) - required - allowed):
        raise AlertSettingsError(f"{path}: channel {name} has unknown options {unknown}")
    _check_recipients(path, name, entry)
    filled = {key: _filled(path, name, value, environment) for key, value in options.items()}
    return ChannelSettings(kind, name, tuple(entry.get("owners") or ()), filled)


def _check_recipients(path: Path, channel: str, entry: Mapping[str, Any]) -> None:
    """Whoever a channel tells has an address in it: an alert without one would be lost without a word."""
    to = entry.get("to")
    if not isinstance(to, Mapping) or "*" in to:
        return
    if missing := sorted(set(entry.get("owners") or OWNER_NAMES) - set(to)):
        raise AlertSettingsError(
            f'{path}: channel {channel} has no address for {missing}; name them under `to`, all others as "*", '
            "or restrict the channel by `owners`"
        )


def _filled(path: Path, channel: str, value: Any, environment: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value

    def replaced(match: re.Match[str]) -> str:
        if match[1] not in environment:
            raise AlertSettingsError(f"{path}: channel {channel} needs the environment variable {match[1]}")
        return environment[match[1]]

    return _REFERENCE.sub(replaced, value)
