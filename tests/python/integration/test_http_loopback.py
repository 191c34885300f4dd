"""The HTTP client against a real server on loopback: retries, deadlines, and what is not retried."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from extractors.http import FeedUnavailable, HttpClient

Answer = Callable[[BaseHTTPRequestHandler], None]


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return send


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"[half")
    handler.close_connection = True


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)
    handler.close_connection = True


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000000")
    handler.end_headers()
    try:
        for _ in range(40):
            handler.wfile.write(b"x")
            time.sleep(0.02)
    except OSError:
        handler.close_connection = True


class Source:
    """A source that gives its answers in turn, the last one for ever, and remembers who asked."""

    def __init__(self, *answers: Answer) -> None:
        self.seen: list[tuple[str, str]] = []
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                turn = len(source.seen)
                source.seen.append((self.path, self.headers["User-Agent"]))
                answers[min(turn, len(answers) - 1)](self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Source]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(pauses: list[float]) -> Iterator[HttpClient]:
    with HttpClient(secrets=("t0ken",), read_seconds=0.3, attempts=3, sleep=pauses.append) as client:
        yield client


@pytest.mark.parametrize(
    "trouble",
    [answer(429), answer(500, b"<html>"), answer(502), answer(503), answer(504), cut_off, hang],
    ids=["429", "500", "502", "503", "504", "cut off", "timeout"],
)
def test_passing_trouble_is_retried_with_growing_pauses(
    trouble: Answer, client: HttpClient, pauses: list[float]
) -> None:
    with Source(trouble, trouble, answer(200, b"[1]")).running() as source:
        reply = client.get(f"{source.url}/x", feed="f", window="w")

    assert (reply.status, reply.body) == (200, b"[1]")
    assert len(source.seen) == 3
    assert 0.25 <= pauses[0] <= 0.75
    assert 0.5 <= pauses[1] <= 1.5


def test_retry_after_is_honoured(client: HttpClient, pauses: list[float]) -> None:
    with Source(answer(429, Retry_After="17"), answer(200, b"[]")).running() as source:
        client.get(source.url, feed="f", window="w")

    assert pauses == [17.0]


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 406])
def test_other_answers_are_returned_at_once_for_the_parser_to_judge(status: int, client: HttpClient) -> None:
    with Source(answer(status, b'{"error":"x"}')).running() as source:
        reply = client.get(source.url, feed="f", window="w")

    assert (reply.status, reply.body, len(source.seen)) == (status, b'{"error":"x"}', 1)


def test_a_source_that_stays_down_is_unavailable_without_its_token_in_the_error(client: HttpClient) -> None:
    with (
        Source(answer(503)).running() as source,
        pytest.raises(
            FeedUnavailable, match=r"inmet/observations \[A401\] is unavailable: status 503 from http://.*/\*\*\*"
        ),
    ):
        client.get(f"{source.url}/t0ken", feed="inmet/observations", window="A401")

    assert len(source.seen) == 3


def test_a_refused_connection_is_unavailable(client: HttpClient) -> None:
    with Source(answer(200)).running() as source:
        pass
    with pytest.raises(FeedUnavailable) as caught:
        client.get(f"{source.url}/t0ken", feed="f", window="w")

    assert "t0ken" not in str(caught.value)


def test_the_total_deadline_stops_the_retries() -> None:
    with (
        Source(answer(429, Retry_After="3600")).running() as source,
        HttpClient(deadline_seconds=5) as client,
        pytest.raises(FeedUnavailable, match="deadline of 5 s"),
    ):
        client.get(source.url, feed="f", window="w")

    assert len(source.seen) == 1


def test_the_total_deadline_stops_a_body_that_only_trickles(tmp_path: Path) -> None:
    with (
        Source(trickle).running() as source,
        HttpClient(deadline_seconds=0.2) as client,
        pytest.raises(FeedUnavailable, match="deadline"),
    ):
        client.download(source.url, tmp_path / "body", feed="f", window="w")


@pytest.mark.parametrize("headers", [{"Content_Encoding": "gzip"}, {}])
def test_a_compressed_body_is_unpacked(headers: dict[str, str], client: HttpClient) -> None:
    body = b'[{"a": "b"}]' * 100_000
    with Source(answer(200, gzip.compress(body) if headers else body, **headers)).running() as source:
        assert client.get(source.url, feed="f", window="w").body == body


def test_a_body_that_is_not_packed_as_it_claims_is_not_retried(client: HttpClient) -> None:
    with (
        Source(answer(200, b"plain", Content_Encoding="gzip")).running() as source,
        pytest.raises(FeedUnavailable, match="ContentDecodingError"),
    ):
        client.get(source.url, feed="f", window="w")

    assert len(source.seen) == 1


def test_a_download_is_streamed_to_disk_and_started_over_after_a_cut(client: HttpClient, tmp_path: Path) -> None:
    body = b"PK" + bytes(3_000_000)
    with Source(cut_off, answer(200, body)).running() as source:
        reply = client.download(f"{source.url}/t0ken/f.zip", tmp_path / "f.zip", feed="f", window="w")

    assert (tmp_path / "f.zip").read_bytes() == body
    assert reply.body.startswith(b"PK")
    assert reply.url.endswith("/***/f.zip")


def test_the_client_looks_like_a_browser(client: HttpClient) -> None:
    with Source(answer(200, b"[]")).running() as source:
        client.get(source.url, feed="f", window="w")

    assert source.seen[0][1].startswith("Mozilla/5.0")
