"""Ways out: e-mail, a Slack-compatible webhook, a signed webhook, a file. Each delivery carries its idempotency key."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import requests

from publication.alerts.settings import BAHIA, ChannelSettings

TIMEOUT_SECONDS = 20


class DeliveryError(Exception):
    """A message did not go out; it stays in the outbox."""


def deliver(
    channel: ChannelSettings, delivery: Mapping[str, Any], attachments: Mapping[str, bytes] | None = None
) -> None:
    """Send one delivery of the outbox.

    Args:
        channel: Where to.
        delivery: ``key``, ``created_at``, ``subject``, ``text``, ``html``, ``owners`` and ``events`` of the outbox.
        attachments: HTML files by name; webhooks take none.

    Raises:
        DeliveryError: It did not go out; the message says why, without secrets.
    """
    try:
        _SENDERS[channel.kind](channel.options, delivery, attachments or {})
    except (OSError, smtplib.SMTPException, requests.RequestException) as error:
        raise DeliveryError(f"channel {channel.name} ({channel.kind}): {_without_secrets(channel, error)}") from error


def _send_email(options: Mapping[str, Any], delivery: Mapping[str, Any], attachments: Mapping[str, bytes]) -> None:
    recipients = _recipients(options["to"], delivery["owners"])
    if not recipients:
        return
    mail = EmailMessage()
    mail["Subject"] = delivery["subject"]
    mail["From"] = options["sender"]
    mail["To"] = ", ".join(recipients)
    mail["Date"] = format_datetime(datetime.fromisoformat(delivery["created_at"]))
    # the same delivery has the same id: a server or reader that gets it twice shows it once
    mail["Message-ID"] = f"<{delivery['key']}@{str(options['sender']).rpartition('@')[2]}>"
    mail.set_content(delivery["text"])
    mail.add_alternative(delivery["html"], subtype="html")
    for name, content in attachments.items():
        mail.add_attachment(content, maintype="text", subtype="html", filename=name)
    with smtplib.SMTP(options["host"], int(options.get("port", 25)), timeout=TIMEOUT_SECONDS) as server:
        if options.get("starttls", False):
            server.starttls(context=ssl.create_default_context())
        if options.get("user"):
            server.login(options["user"], options["password"])
        server.send_message(mail)


def _recipients(to: Mapping[str, Sequence[str]] | Sequence[str], owners: Sequence[str]) -> list[str]:
    if not isinstance(to, Mapping):
        return list(to)
    return sorted({address for owner in owners for address in to.get(owner, to.get("*", []))})


def _send_slack(options: Mapping[str, Any], delivery: Mapping[str, Any], attachments: Mapping[str, bytes]) -> None:
    del attachments  # the text links to the report
    _post(options["url"], json.dumps({"text": delivery["text"]}).encode(), {"Idempotency-Key": delivery["key"]})


def _send_webhook(options: Mapping[str, Any], delivery: Mapping[str, Any], attachments: Mapping[str, bytes]) -> None:
    del attachments  # the text links to the report
    fields = ("key", "created_at", "subject", "text", "owners", "events")
    body = json.dumps({name: delivery[name] for name in fields}, ensure_ascii=False).encode()
    signed = f"{delivery['created_at']}.".encode() + body
    signature = hmac.new(str(options["secret"]).encode(), signed, hashlib.sha256).hexdigest()
    headers = {
        "Idempotency-Key": delivery["key"],
        "X-Nova-Timestamp": delivery["created_at"],
        "X-Nova-Signature": f"sha256={signature}",
    }
    _post(options["url"], body, headers)


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    answer = requests.post(
        url,
        data=body,
        headers={"Content-Type": "application/json; charset=utf-8", **headers},
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
    )
    if not answer.ok or answer.is_redirect:
        raise requests.HTTPError(f"answered {answer.status_code}")


def _send_file(options: Mapping[str, Any], delivery: Mapping[str, Any], attachments: Mapping[str, bytes]) -> None:
    folder = Path(options["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    # named by time, so that a listing is in order, and by key, so that the same delivery is the same file
    name = f"{datetime.fromisoformat(delivery['created_at']).astimezone(BAHIA):%Y-%m-%d-%H%M}-{delivery['key']}"
    contents = {f"{name}-{attached}": content for attached, content in attachments.items()}
    contents |= {f"{name}.txt": delivery["text"].encode(), f"{name}.html": delivery["html"].encode()}
    for file, content in contents.items():
        draft = folder / f".{file}"
        draft.write_bytes(content)
        draft.replace(folder / file)


_SENDERS = {"email": _send_email, "slack": _send_slack, "webhook": _send_webhook, "file": _send_file}


def _without_secrets(channel: ChannelSettings, error: Exception) -> str:
    """The error without addresses that carry a secret and without passwords."""
    text = f"{type(error).__name__}: {error}"
    for name in ("password", "secret", "url"):
        secret = channel.options.get(name)
        if secret:
            text = text.replace(str(secret), "***")
            if name == "url":
                path = "/" + str(secret).partition("://")[2].partition("/")[2]
                text = text.replace(path, "/***") if len(path) > 1 else text
    return text
