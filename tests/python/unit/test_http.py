"""The judgement of bodies, the masking of secrets and the reading of Retry-After."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from extractors.http import FeedContractError, HttpClient, _Pace, _retry_after_seconds, refusal, require_data


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty body"),
        (b"\xef\xbb\xbf\r\n ", "an empty body"),
        (b"  <!DOCTYPE html>", "an HTML or XML page"),
        (b"<HTML>Requisi\xe7\xe3o inv\xe1lida!", "an HTML or XML page"),
        (b'{"error":"janela"}', "an error object"),
        (b'{ "erro" : {"statusCode": 404}}', "an error object"),
        ("CHAVE INVÁLIDA!".encode(), "the refusal 'CHAVE INVÁLIDA!'"),
        ("CHAVE INVÁLIDA!".encode("latin-1"), "the refusal 'CHAVE INVÁLIDA!'"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a git-lfs pointer instead of the file"),
        (b"[]", None),
        (b'{"value":[]}', None),
        (b'"data";"valor"', None),
        (b"PK\x03\x04", None),
    ],
)
def test_the_body_is_judged_by_how_it_begins(body: bytes, reason: str | None) -> None:
    assert refusal(body) == reason


def test_a_contract_error_names_feed_window_what_was_seen_and_what_to_do() -> None:
    with pytest.raises(FeedContractError) as caught:
        require_data(b"<html>Manuten\xc3\xa7\xc3\xa3o</html>", "inmet/observations", "A401 2024", name="r.json")

    assert str(caught.value) == (
        "inmet/observations [A401 2024] broke its contract: an HTML or XML page: 25 bytes starting with "
        "'<html>Manutenção</html>'. What to do: open the quarantined body, check the address and the source's "
        "status page, then run again."
    )


def test_secrets_are_masked_also_in_their_quoted_spelling() -> None:
    with HttpClient(secrets=("to/ken", "")) as client:
        assert client.mask("http://h/to/ken and to%2Fken") == "http://h/*** and ***"


def test_secrets_are_masked_in_what_the_library_logs(caplog: pytest.LogCaptureFixture) -> None:
    library = logging.getLogger("urllib3.connectionpool")
    with caplog.at_level(logging.DEBUG), HttpClient(secrets=("t0ken",)):
        library.debug('%s "%s"', "http://h", "GET /x/t0ken")
    assert caplog.messages == ['http://h "GET /x/***"']
    assert library.filters == []


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [
        (None, 0, 0),
        ("7", 7, 7),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("soon", 0, 0),
        ("-5", 0, 0),
    ],
)
def test_retry_after_is_understood_in_seconds_and_as_a_date(header: str | None, low: float, high: float) -> None:
    assert low <= _retry_after_seconds(header) <= high


def test_retry_after_in_the_future_is_the_time_until_then() -> None:
    then = datetime.now(UTC) + timedelta(seconds=90)
    assert 60 < _retry_after_seconds(format_datetime(then, usegmt=True)) <= 90


def test_calls_to_a_host_are_spaced_after_the_first_burst() -> None:
    now = 100.0
    pace = _Pace(per_second=2.0, burst=3, clock=lambda: now)

    assert [pace.reserve("a") for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert pace.reserve("b") == 0.0
    now += 10.0
    assert [pace.reserve("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_without_a_pace_nothing_waits() -> None:
    pace = _Pace(per_second=0.0, burst=1, clock=lambda: 0.0)

    assert [pace.reserve("a") for _ in range(50)] == [0.0] * 50
