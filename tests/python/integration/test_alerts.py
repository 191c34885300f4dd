"""Alerts: told once, reminded, cleared; never lost and never doubled on the way. Real SMTP and HTTP on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from publication.alerts import outbox
from publication.alerts.ledger import Change, Condition, Event, Ledger
from publication.alerts.messages import LISTED, write_message
from publication.alerts.outbox import announce, enqueue_message, send_pending
from publication.alerts.settings import AlertSettings, AlertSettingsError, ChannelSettings, read_alert_settings
from publication.store import GoldStore

MORNING = datetime(2026, 6, 16, 11, 0, tzinfo=UTC)  # 08:00 in Salvador
SCOPE = ("stockout:", "feed:")
DAY = timedelta(days=1)


def condition(name: str = "stockout:BAT-001@CD", **changes: Any) -> Condition:
    fields = {
        "condition_id": name,
        "owner": "compras",
        "severity": "critical",
        "title": "Bateria <48 V> acaba em 3 dias",
        "detail": "Saldo 4 un, ponto de pedido 12 un",
        "action": "Comprar 20 un até 18/06/2026",
        "page": "item/?id=BAT-001",
    }
    return Condition(**{**fields, **changes})


def changes(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.change.value, event.condition.condition_id) for event in events]


# The ledger -----------------------------------------------------------------------------------------------------------


def told(ledger: Ledger, conditions: list[Condition], now: datetime) -> tuple[Ledger, list[tuple[str, str]]]:
    after, events = ledger.update(conditions, now, scope=SCOPE, remind_after=3 * DAY)
    return after, changes(events)


def test_a_condition_is_told_once_reminded_and_cleared() -> None:
    name = condition().condition_id
    ledger, events = told(Ledger({}), [condition()], MORNING)
    assert events == [("new", name)]
    ledger, events = told(ledger, [condition(detail="Saldo 3 un")], MORNING + DAY)
    assert events == []
    ledger, events = told(ledger, [condition()], MORNING + 3 * DAY)
    assert events == [("reminder", name)]
    ledger, events = told(ledger, [condition()], MORNING + 4 * DAY)
    assert events == []
    ledger, events = told(ledger, [], MORNING + 5 * DAY)
    assert events == [("cleared", name)]
    assert told(ledger, [], MORNING + 6 * DAY)[1] == []
    assert told(ledger, [condition()], MORNING + 7 * DAY)[1] == [("new", name)]


@pytest.mark.parametrize("change", [{"severity": "warning"}, {"state": "12"}])
def test_a_changed_condition_is_told_again(change: dict[str, str]) -> None:
    ledger, _ = told(Ledger({}), [condition()], MORNING)
    assert told(ledger, [condition(**change)], MORNING + DAY)[1] == [("changed", condition().condition_id)]


def test_a_condition_keeps_the_day_on_which_it_began() -> None:
    ledger, _ = told(Ledger({}), [condition()], MORNING)
    after, events = ledger.update([condition(state="2")], MORNING + DAY, scope=SCOPE, remind_after=3 * DAY)
    assert events[0].since == MORNING
    assert Ledger.from_json(after.to_json()) == after


def test_what_a_run_does_not_speak_of_stays_open() -> None:
    ledger, _ = told(Ledger({}), [condition(), condition("feed:inmet")], MORNING)
    after, events = ledger.update([], MORNING, scope=("feed:",), remind_after=3 * DAY)
    assert changes(events) == [("cleared", "feed:inmet")]
    assert set(after.open_alerts) == {condition().condition_id}


def test_the_worst_comes_first_and_what_is_cleared_last() -> None:
    ledger, _ = told(Ledger({}), [condition("feed:old")], MORNING)
    now = [
        condition("stockout:a", severity="warning", weight=9e9),
        condition("stockout:b", weight=1),
        condition("stockout:c", weight=5),
    ]
    assert [name for _, name in told(ledger, now, MORNING)[1]] == ["stockout:c", "stockout:b", "stockout:a", "feed:old"]


def test_two_conditions_of_one_name_and_names_outside_the_scope_are_refused() -> None:
    with pytest.raises(ValueError, match="two conditions"):
        told(Ledger({}), [condition(), condition()], MORNING)
    with pytest.raises(ValueError, match="outside the scope"):
        told(Ledger({}), [condition("gate:x")], MORNING)
    with pytest.raises(ValueError, match="severity 'fatal'"):
        condition(severity="fatal")


# Messages -------------------------------------------------------------------------------------------------------------


def test_a_message_is_grouped_by_owner_and_says_what_to_do_where() -> None:
    events = [
        Event(Change.NEW, condition(), MORNING),
        Event(Change.CLEARED, condition("feed:inmet", owner="ti", title="INMET parado"), MORNING - DAY),
    ]
    message = write_message(events, report_url="http://relatorios.intranet", now=MORNING)
    assert message.subject == "Nova Corrente: 1 alerta, 1 crítico, 1 resolvido"
    assert message.text.index("Compras") < message.text.index("Bateria <48 V>") < message.text.index("TI")
    assert "O que fazer: Comprar 20 un até 18/06/2026 (desde 16/06/2026)" in message.text
    assert "http://relatorios.intranet/item/?id=BAT-001" in message.text
    assert "em 16/06/2026 08:00" in message.text
    assert "Bateria &lt;48 V&gt;" in message.html
    assert "<48 V>" not in message.html


def test_a_long_list_is_counted_after_the_worst() -> None:
    events = [Event(Change.NEW, condition(f"stockout:{i}"), MORNING) for i in range(LISTED + 4)]
    message = write_message(events, report_url="", now=MORNING)
    assert message.text.count("O que fazer") == LISTED
    assert "e mais 4" in message.text
    assert "http" not in message.text


# Channels and the outbox ----------------------------------------------------------------------------------------------


class Mailbox:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusals = 0

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802  (its library's name)
        del server, session
        if self.refusals:
            self.refusals -= 1
            return "451 busy, come back"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


@contextmanager
def http_server(answers: list[int]) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Answers each request with the next status, 200 when they are used up."""
    seen: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = answers.pop(0) if answers else 200
            if status == 200:
                seen.append(({key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def no_wait(seconds: float) -> None:
    del seconds


def settings(*channels: ChannelSettings, **changes: Any) -> AlertSettings:
    return AlertSettings(channels=channels, report_url="http://relatorios.intranet", **changes)


def email(port: int, **options: Any) -> ChannelSettings:
    to = {"compras": ["compras@empresa.example"], "ti": ["ti@empresa.example"]}
    return ChannelSettings(
        "email",
        "correio",
        (),
        {"host": "127.0.0.1", "port": port, "sender": "nova@empresa.example", "to": to, **options},
    )


def test_an_email_goes_to_the_owners_it_concerns(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    store, told_to = GoldStore(str(tmp_path)), settings(email(port))
    announce(store, told_to, [condition()], MORNING, scope=SCOPE)
    assert len(send_pending(store, told_to, MORNING).sent) == 1
    assert box.recipients == [["compras@empresa.example"]]
    mail = box.mails[0]
    assert mail["Subject"] == "Nova Corrente: 1 alerta, 1 crítico"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Comprar 20 un" in plain.get_content()
    assert "&lt;48 V&gt;" in html.get_content()
    assert send_pending(store, told_to, MORNING).sent == []
    assert len(box.mails) == 1


def test_a_server_that_refuses_at_first_gets_the_mail_once(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    box.refusals = 2
    store, told_to = GoldStore(str(tmp_path)), settings(email(port))
    announce(store, told_to, [condition()], MORNING, scope=SCOPE)
    assert send_pending(store, told_to, MORNING, wait=no_wait).failed == {}
    assert len(box.mails) == 1


def test_a_channel_that_is_down_loses_nothing_and_holds_up_no_other(tmp_path: Path) -> None:
    with http_server([500] * outbox.ATTEMPTS) as (url, seen):
        slack = ChannelSettings("slack", "canal", (), {"url": f"{url}/services/T0/secret-part"})
        folder = ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")})
        store, told_to = GoldStore(str(tmp_path / "alerts")), settings(slack, folder)
        announce(store, told_to, [condition()], MORNING, scope=SCOPE)
        first = send_pending(store, told_to, MORNING, wait=no_wait)
        assert len(first.sent) == 1
        assert len(list((tmp_path / "out").glob("*.html"))) == 1
        (reason,) = first.failed.values()
        assert "answered 500" in reason
        assert "secret-part" not in reason
        assert seen == []
        again = send_pending(store, told_to, MORNING + DAY, wait=no_wait)
        assert (len(again.sent), dict(again.failed)) == (1, {})
        assert len(seen) == 1
        assert "Bateria <48 V>" in json.loads(seen[0][1])["text"]


def test_a_server_that_is_not_there_is_named_without_its_secret(tmp_path: Path) -> None:
    with http_server([]) as (url, _):
        gone = url
    webhook = ChannelSettings("webhook", "chamados", (), {"url": f"{gone}/hook/token-123", "secret": "s3cr3t"})
    store, told_to = GoldStore(str(tmp_path)), settings(webhook)
    announce(store, told_to, [condition()], MORNING, scope=SCOPE)
    (reason,) = send_pending(store, told_to, MORNING, wait=no_wait).failed.values()
    assert reason.startswith("channel chamados (webhook): ConnectionError")
    assert "token-123" not in reason


def test_a_webhook_is_signed_and_carries_its_key(tmp_path: Path) -> None:
    with http_server([]) as (url, seen):
        webhook = ChannelSettings("webhook", "chamados", (), {"url": url, "secret": "s3cr3t"})
        store, told_to = GoldStore(str(tmp_path)), settings(webhook)
        announce(store, told_to, [condition()], MORNING, scope=SCOPE)
        (key,) = send_pending(store, told_to, MORNING).sent
    headers, body = seen[0]
    assert headers["idempotency-key"] == key
    signed = headers["x-nova-timestamp"].encode() + b"." + body
    assert headers["x-nova-signature"] == "sha256=" + hmac.new(b"s3cr3t", signed, hashlib.sha256).hexdigest()
    assert json.loads(body)["events"][0]["condition_id"] == condition().condition_id


def test_a_run_killed_before_the_ledger_was_written_tells_nothing_twice(tmp_path: Path) -> None:
    folder = ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")})
    store, told_to = GoldStore(str(tmp_path / "alerts")), settings(folder)
    announce(store, told_to, [condition()], MORNING, scope=SCOPE)
    (tmp_path / "alerts" / "ledger.json").unlink()  # as if killed before it was written
    announce(store, told_to, [condition()], MORNING + DAY, scope=SCOPE)
    assert len(send_pending(store, told_to, MORNING).sent) == 1
    (tmp_path / "alerts" / "ledger.json").unlink()  # killed again, this time after sending
    announce(store, told_to, [condition()], MORNING + DAY, scope=SCOPE)
    assert send_pending(store, told_to, MORNING).sent == []
    assert len(list((tmp_path / "out").glob("*.txt"))) == 1


def test_a_run_killed_while_noting_a_delivery_does_not_send_again(tmp_path: Path) -> None:
    folder = ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")})
    store, told_to = GoldStore(str(tmp_path / "alerts")), settings(folder)
    announce(store, told_to, [condition()], MORNING, scope=SCOPE)
    (key,) = store.folders("outbox")
    kept = store.read(f"outbox/{key}/delivery.json")
    assert kept is not None
    send_pending(store, told_to, MORNING)
    store.write(f"outbox/{key}/delivery.json", kept)  # as if killed before it was removed
    (kept_as,) = (tmp_path / "out").glob("*.txt")
    kept_as.unlink()
    assert send_pending(store, told_to, MORNING).sent == []
    assert store.folders("outbox") == []
    assert list((tmp_path / "out").glob("*.txt")) == []


def test_quiet_hours_hold_back_all_but_the_critical(tmp_path: Path) -> None:
    quiet = read_alert_settings(
        written(
            tmp_path / "alerts.yml",
            f"""
            quiet_hours: {{from: "20:00", until: "06:30"}}
            channels: [{{kind: file, name: pasta, folder: {tmp_path / "out"}}}]
            """,
        ),
        {},
    )
    night, store = datetime(2026, 6, 16, 5, 0, tzinfo=UTC), GoldStore(str(tmp_path / "alerts"))  # 02:00 in Salvador
    announce(store, quiet, [condition(severity="warning")], night, scope=SCOPE)
    assert len(send_pending(store, quiet, night).waiting) == 1
    announce(store, quiet, [condition(severity="warning"), condition("feed:erp")], night, scope=SCOPE)
    assert len(send_pending(store, quiet, night).sent) == 1
    assert len(send_pending(store, quiet, MORNING).sent) == 1


def test_a_channel_tells_only_the_owners_it_is_for(tmp_path: Path) -> None:
    folder = ChannelSettings("file", "pasta", ("ti",), {"folder": str(tmp_path / "out")})
    store = GoldStore(str(tmp_path / "alerts"))
    announce(store, settings(folder), [condition()], MORNING, scope=SCOPE)
    assert store.folders("outbox") == []


def test_a_channel_that_is_down_is_asked_once_a_pass_however_much_waits(tmp_path: Path) -> None:
    with http_server([500] * outbox.ATTEMPTS) as (url, seen):
        store, told_to = GoldStore(str(tmp_path)), settings(ChannelSettings("slack", "canal", (), {"url": url}))
        announce(store, told_to, [condition()], MORNING, scope=SCOPE)
        announce(store, told_to, [condition(), condition("feed:erp")], MORNING + DAY, scope=SCOPE)
        first = send_pending(store, told_to, MORNING + DAY, wait=no_wait)
        assert (len(first.sent), len(first.failed)) == (0, 2)
        assert seen == []  # a fourth request would have been answered
        assert len(send_pending(store, told_to, MORNING + DAY, wait=no_wait).sent) == 2
        assert [json.loads(body)["text"].count("[Novo") for _, body in seen] == [1, 1]


def test_a_delivery_that_was_never_finished_holds_up_no_other(tmp_path: Path) -> None:
    folder = ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")})
    store, told_to = GoldStore(str(tmp_path / "alerts")), settings(folder)
    store.write("outbox/abc/report.html", b"half a delivery: killed before delivery.json was written")
    store.write("delivered/abd/other.txt", b"half a removal")
    assert not outbox.has_deliverable(store, told_to, MORNING)
    announce(store, told_to, [condition()], MORNING, scope=SCOPE)
    assert outbox.has_deliverable(store, told_to, MORNING)
    assert len(send_pending(store, told_to, MORNING).sent) == 1
    assert len(store.folders("delivered")) == 1


def test_an_attachment_goes_out_once_with_its_message(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    folder = ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")})
    everybody = email(port, to=["diretoria@empresa.example"])
    store, told_to = GoldStore(str(tmp_path / "alerts")), settings(everybody, folder)
    content = {"created_at": MORNING.isoformat(), "is_critical": False, "owners": ["diretoria"], "events": []}
    message = {**content, "subject": "Resumo", "text": "texto", "html": "<p>texto</p>"}
    report = {"relatorio.html": b"<!doctype html><p>tudo</p>"}
    for channel in told_to.channels:
        assert enqueue_message(store, channel, f"2026-w25-{channel.name}", message, report)
        assert not enqueue_message(store, channel, f"2026-w25-{channel.name}", message, report)
    assert len(send_pending(store, told_to, MORNING).sent) == 2
    for channel in told_to.channels:
        assert not enqueue_message(store, channel, f"2026-w25-{channel.name}", message, report)
    (attached,) = box.mails[0].iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("relatorio.html", report["relatorio.html"].decode())
    assert next((tmp_path / "out").glob("*-relatorio.html")).read_bytes() == report["relatorio.html"]


def test_old_deliveries_are_forgotten(tmp_path: Path) -> None:
    folder = ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")})
    store, told_to = GoldStore(str(tmp_path / "alerts")), settings(folder)
    announce(store, told_to, [condition()], MORNING, scope=SCOPE)
    send_pending(store, told_to, MORNING)
    send_pending(store, told_to, MORNING + outbox.KEEP_DELIVERED)
    assert len(store.folders("delivered")) == 1
    send_pending(store, told_to, MORNING + outbox.KEEP_DELIVERED + DAY)
    assert store.folders("delivered") == []


def test_a_channel_that_was_removed_keeps_its_message(tmp_path: Path) -> None:
    folder = ChannelSettings("file", "pasta", (), {"folder": str(tmp_path / "out")})
    store = GoldStore(str(tmp_path / "alerts"))
    announce(store, settings(folder), [condition()], MORNING, scope=SCOPE)
    (reason,) = send_pending(store, settings(), MORNING).failed.values()
    assert "no longer in the alert settings" in reason
    assert len(store.folders("outbox")) == 1


# Settings -------------------------------------------------------------------------------------------------------------


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_take_secrets_from_the_environment(tmp_path: Path) -> None:
    path = written(
        tmp_path / "alerts.yml",
        "report_url: http://r/\nchannels: [{kind: slack, name: canal, url: '${ALERTS_SLACK_URL}'}]",
    )
    read = read_alert_settings(path, {"ALERTS_SLACK_URL": "http://hook"})
    assert read.channels[0].options["url"] == "http://hook"
    assert read.report_url == "http://r"
    assert "http://hook" not in repr(read)
    with pytest.raises(AlertSettingsError, match="needs the environment variable ALERTS_SLACK_URL"):
        read_alert_settings(path, {})


def test_a_settings_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AlertSettingsError, match=r"alerts\.yml does not exist; ALERTS_SETTINGS names it"):
        read_alert_settings(tmp_path / "alerts.yml", {})


def test_the_example_of_settings_can_be_used() -> None:
    secrets = dict.fromkeys(("ALERTS_SMTP_PASSWORD", "ALERTS_SLACK_URL", "ALERTS_WEBHOOK_SECRET"), "x")
    read = read_alert_settings(Path(__file__).resolve().parents[3] / "docs" / "alerts.example.yml", secrets)
    assert [channel.kind for channel in read.channels] == ["email", "slack", "webhook", "file"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("channels: [", "not readable YAML"),
        ("- a", "not named settings"),
        ("chanels: []", "unknown settings"),
        ("channels: [{kind: fax}]", "kind 'fax'"),
        ("channels: [{kind: slack}]", r"lacks \['url'\]"),
        ("channels: [{kind: slack, url: x, colour: red}]", r"unknown options \['colour'\]"),
        ("channels: [{kind: slack, name: 'A b', url: x}]", "may hold only"),
        ("channels: [3]", "kind '3'"),
        ("quiet_hours: {from: '25:00', until: '06:00'}", "quiet_hours"),
        ("quiet_hours: {from: '20:00'}", "quiet_hours"),
        ("remind_after_days: soon", "remind_after_days"),
        ("stockouts: {from_probability: 0.2, until_probability: 0.5}", "until_probability <= from_probability"),
        ("stockouts: {from_chance: 0.2}", "from_chance"),
        ("channels: [{kind: email, host: h, sender: s@x, to: {compras: [c@x]}}]", r"no address for \['almoxarifado'"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AlertSettingsError, match=message):
        read_alert_settings(written(tmp_path / "alerts.yml", text), {})
