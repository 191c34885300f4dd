"""Logs for programs: one JSON object a line, secrets masked. People read the text that Dagster prints."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

FORMAT_VARIABLE = "LOG_FORMAT"
FILE = "dagster.jsonl"
_LARGEST_BYTES, _KEPT_FILES = 20 << 20, 5
_IS_SECRET = re.compile(r"_(TOKEN|PASSWORD|SECRET|ACCESS_KEY)$")
_HAS_PASSWORD = re.compile(r"_(DSN|URL)$")
_SHORTEST_SECRET = 4  # a shorter one would black out half of the log


def secrets_in(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Texts of an environment that no log may show: tokens, passwords, also those inside addresses."""
    found = {value for name, value in environment.items() if _IS_SECRET.search(name)}
    passwords = {urlsplit(value).password for name, value in environment.items() if _HAS_PASSWORD.search(name)}
    found |= {text for password in passwords if password for text in (password, unquote(password))}
    found |= {quote(text, safe="") for text in found}
    return tuple(sorted((text for text in found if len(text) >= _SHORTEST_SECRET), key=len, reverse=True))


def masked(text: str, secrets: tuple[str, ...]) -> str:
    """The text with every secret replaced by three asterisks."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


class JsonLines(logging.Formatter):
    """One JSON object a record: time (UTC), level, logger, message, and of a run's events run, job, step and event."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        run: Mapping[str, Any] = getattr(record, "dagster_meta", None) or {}
        event = run.get("dagster_event")
        named = {
            "run_id": run.get("run_id"),
            "job": run.get("job_name"),
            "step": run.get("step_key"),
            "event": getattr(event, "event_type_value", None),
        }
        told |= {name: value for name, value in named.items() if value is not None}
        told["message"] = getattr(event, "message", None) or run.get("orig_message") or record.getMessage()
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return masked(json.dumps(told, ensure_ascii=False, default=str), secrets_in(os.environ))


def dagster_settings(logs: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """What Dagster's configuration says of logs: what the extractors say is shown with the run they say it in.

    With LOG_FORMAT=json everything is also written to `dagster.jsonl`, of which the newest hundred megabytes are kept.

    Raises:
        ValueError: LOG_FORMAT is neither text nor json.
    """
    wanted = environment.get(FORMAT_VARIABLE) or "text"
    if wanted not in ("text", "json"):
        raise ValueError(f"{FORMAT_VARIABLE} must be text or json, not {wanted!r}")
    settings: dict[str, Any] = {"managed_python_loggers": ["extractors", "publication", "orchestration"]}
    if wanted == "json":
        settings["dagster_handler_config"] = {
            "handlers": {
                "json": {
                    "class": "logging.handlers.RotatingFileHandler",
                    "formatter": "json",
                    "filename": str(logs / FILE),
                    "maxBytes": _LARGEST_BYTES,
                    "backupCount": _KEPT_FILES - 1,
                    "encoding": "utf-8",
                }
            },
            "formatters": {"json": {"class": f"{JsonLines.__module__}.{JsonLines.__name__}"}},
        }
    return {"python_logs": settings}
