"""The HTTP client against a real server on loopback: retries, deadlines, and what is not retried."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from extractors import bacen
from extractors.http import FeedContractError, FeedUnavailable, HttpClient

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


def part(body: bytes, first: int, last: int, total: int | str, etag: str = '"v1"') -> Answer:
    return answer(206, body, Content_Range=f"bytes {first}-{last}/{total}", ETag=etag)


def cut_after(body: bytes, length: int, **headers: str) -> Answer:
    """Promise a length, send the body, close the connection."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(206 if "Content_Range" in headers else 200)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return send


class Source:
    """A source that gives its answers in turn, the last one for ever, and remembers who asked."""

    def __init__(self, *answers: Answer) -> None:
        self.seen: list[tuple[str, str]] = []
        self.ranges: list[tuple[str | None, str | None]] = []
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                turn = len(source.seen)
                source.seen.append((self.path, self.headers["User-Agent"]))
                source.ranges.append((self.headers["Range"], self.headers["If-Range"]))
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


def test_the_body_counts_and_not_what_its_content_type_claims(client: HttpClient) -> None:
    data, page = b'[{"data":"04/01/2016","valor":"0.052531"}]', b"<html>Requisi\xe7\xe3o inv\xe1lida!</html>"
    answers = [answer(200, data, Content_Type="text/html"), answer(200, page, Content_Type="application/json")]
    with Source(*answers).running() as source:
        called_html, called_json = (client.get(source.url, feed="f", window="w").body for _ in answers)

    assert bacen.parse_sgs_json(called_html, window="w").num_rows == 1
    with pytest.raises(FeedContractError, match="an HTML or XML page"):
        bacen.parse_sgs_json(called_json, window="w")
    assert len(source.seen) == 2


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


def test_a_download_that_breaks_off_goes_on_where_it_stopped(client: HttpClient, tmp_path: Path) -> None:
    cuts = (
        cut_after(b"PK3", 10, ETag='"v1"'),
        cut_after(b"45", 7, ETag='"v1"', Content_Range="bytes 3-9/10"),
        answer(503),
        part(b"6789a", 5, 9, 10),
    )
    with Source(*cuts).running() as source:
        reply = client.download(source.url, tmp_path / "f", feed="f", window="w")

    assert (tmp_path / "f").read_bytes() == b"PK3456789a"
    assert (reply.status, reply.body) == (200, b"PK3456789a")
    assert source.ranges == [
        (None, None),
        ("bytes=3-", '"v1"'),
        ("bytes=5-", '"v1"'),
        ("bytes=5-", '"v1"'),
    ]


@pytest.mark.parametrize(
    "second",
    [
        answer(200, b"another whole", ETag='"v2"'),
        answer(416),
        part(b"xxxx", 3, 6, 7, '"v2"'),
        part(b"xxxxx", 2, 6, 7),
        part(b"xxxx", 3, 6, 99),
    ],
    ids=["changed: all of it", "416", "changed: a part", "another part", "another size"],
)
def test_a_file_that_changed_while_it_was_read_is_read_again_from_its_start(
    second: Answer, client: HttpClient, tmp_path: Path
) -> None:
    first = cut_after(b"abc", 7, ETag='"v1"')
    with Source(first, second, answer(200, b"another whole", ETag='"v2"')).running() as source:
        client.download(source.url, tmp_path / "f", feed="f", window="w")

    assert (tmp_path / "f").read_bytes() == b"another whole"
    assert source.ranges[-1] in [(None, None), ("bytes=3-", '"v1"')]


def test_a_weak_etag_or_none_means_starting_again(client: HttpClient, tmp_path: Path) -> None:
    weak = cut_after(b"abc", 7, ETag='W/"v1"')
    with Source(weak, cut_after(b"abc", 7), answer(200, b"abcdefg")).running() as source:
        client.download(source.url, tmp_path / "f", feed="f", window="w")

    assert source.ranges == [(None, None)] * 3
    assert (tmp_path / "f").read_bytes() == b"abcdefg"


def test_last_modified_is_as_good_as_an_etag(client: HttpClient, tmp_path: Path) -> None:
    moment = "Sun, 31 May 2026 21:30:00 GMT"
    first = cut_after(b"abc", 5, Last_Modified=moment)
    rest = answer(206, b"de", Content_Range="bytes 3-4/5", Last_Modified=moment)
    with Source(first, rest).running() as source:
        client.download(source.url, tmp_path / "f", feed="f", window="w")

    assert source.ranges[1] == ("bytes=3-", moment)
    assert (tmp_path / "f").read_bytes() == b"abcde"


def test_attempts_of_a_download_count_from_its_last_progress(client: HttpClient, tmp_path: Path) -> None:
    """Six cuts with three attempts: each one brought a byte."""
    cuts = [cut_after(b"a", 7, ETag='"v1"')]
    cuts += [cut_after(b"a", 7 - n, ETag='"v1"', Content_Range=f"bytes {n}-6/7") for n in range(1, 6)]
    with Source(*cuts, part(b"z", 6, 6, 7)).running() as source:
        client.download(source.url, tmp_path / "f", feed="f", window="w")

    assert (tmp_path / "f").read_bytes() == b"aaaaaaz"
    with Source(cut_after(b"", 7, ETag='"v1"')).running() as source, pytest.raises(FeedUnavailable):
        client.download(source.url, tmp_path / "g", feed="f", window="w")
    assert len(source.seen) == 3


def test_a_part_of_a_file_tells_its_size_and_its_version(client: HttpClient) -> None:
    with Source(answer(503), part(b"cde", 2, 4, 9)).running() as source:
        got = client.get_range(f"{source.url}/t0ken", 2, 5, feed="f", window="w", unchanged_since='"v1"')

    assert (got.body, got.start, got.total_bytes, got.validator) == (b"cde", 2, 9, '"v1"')
    assert got.url.endswith("/***")
    assert source.ranges == [("bytes=2-4", '"v1"')] * 2


def test_a_part_beyond_the_end_is_what_is_left(client: HttpClient) -> None:
    with Source(part(b"hi", 7, 8, 9)).running() as source:
        assert client.get_range(source.url, 7, 100, feed="f", window="w").body == b"hi"


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, b"x" * 1000, ETag='"v1"'),
        answer(416),
        answer(404, b"no"),
        part(b"ab", 0, 1, 9),
        part(b"a", 2, 2, "*"),
    ],
    ids=["whole file", "past the end", "gone", "another part", "size unknown"],
)
def test_a_server_that_does_not_serve_parts_breaks_the_contract(reply: Answer, client: HttpClient) -> None:
    with Source(reply).running() as source, pytest.raises(FeedContractError, match=r"where bytes 2-4 are due"):
        client.get_range(source.url, 2, 5, feed="f", window="w")

    assert len(source.seen) == 1


@pytest.mark.parametrize("reply", [answer(200, b"new", ETag='"v2"'), part(b"cde", 2, 4, 9, '"v2"')])
def test_parts_of_two_versions_are_never_put_together(reply: Answer, client: HttpClient) -> None:
    with Source(reply).running() as source, pytest.raises(FeedUnavailable, match="changed while it was read"):
        client.get_range(source.url, 2, 5, feed="f", window="w", unchanged_since='"v1"')


def test_threads_share_one_pace_per_host() -> None:
    """A burst of 20, then ten a second: the last of 23 calls waits three tenths of a second."""
    pauses: list[float] = []
    with (
        Source(answer(200, b"[]")).running() as source,
        HttpClient(requests_per_second=10, sleep=pauses.append) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        replies = list(pool.map(lambda n: client.get(f"{source.url}/{n}", feed="f", window="w"), range(23)))

    assert len(replies) == 23
    assert len(pauses) <= 3
    assert max(pauses, default=0.0) <= 0.3


def test_a_secret_in_an_error_page_is_masked_before_anyone_keeps_it(client: HttpClient) -> None:
    page = b'{"message": "Cannot GET:/token/estacao/t0ken"}'
    with Source(answer(404, page)).running() as source:
        reply = client.get(f"{source.url}/t0ken", feed="f", window="w")

    assert reply.body == b'{"message": "Cannot GET:/token/estacao/***"}'


def test_a_contract_error_says_the_status_that_came_with_the_body(client: HttpClient) -> None:
    with Source(answer(403, b"Forbidden")).running() as source:
        reply = client.get(source.url, feed="f", window="w")
    with pytest.raises(FeedContractError, match=r"broke its contract: status 403, no JSON"), reply.judged():
        raise FeedContractError("f", "w", "no JSON", "look")
