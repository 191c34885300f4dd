"""The one HTTP client of the extractors, and the two ways in which a feed can fail.

`FeedUnavailable` means that the source did not answer: it was retried, and a later run may succeed.
`FeedContractError` means that it answered something else than it promised: it is never retried, because
asking again brings the same answer. Parsing belongs to the source modules; this module only decides whether
a body can be data at all.
"""

from __future__ import annotations

import logging
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

logger = logging.getLogger(__name__)

# INMET answers 403 to clients that do not look like a browser.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
CHUNK_BYTES = 1 << 18
LARGEST_BODY_BYTES = 256 << 20
EXCERPT_CHARACTERS = 160
# Politeness towards one host: a burst of calls at once, then so many a second.
REQUESTS_PER_SECOND = 5.0
BURST_REQUESTS = 20
# A text this short may stand in data by chance; it is masked in addresses and messages, not in bodies.
SHORTEST_SECRET_IN_BODY = 4
CONTENT_RANGE = re.compile(r"bytes (?P<first>\d+)-(?P<last>\d+)/(?P<total>\d+)")

_Result = TypeVar("_Result")


class FeedContractError(Exception):
    """A feed answered, but not with what its contract promises; never retried.

    Attributes:
        feed: Which feed, for example `inmet/observations`.
        window: Which part of it, for example `A401 2024-01-01..2024-12-30`.
        seen: What came instead.
        advice: What a person should do.
        payload: The offending bytes, or the file that holds them, for the quarantine.
        name: File name for the payload in the quarantine.
        kept_at: Where the quarantine keeps it, once it does.
    """

    def __init__(
        self,
        feed: str,
        window: str,
        seen: str,
        advice: str,
        *,
        payload: bytes | Path | None = None,
        name: str = "payload",
    ) -> None:
        super().__init__(feed, window, seen, advice)
        self.feed = feed
        self.window = window
        self.seen = seen
        self.advice = advice
        self.payload = payload
        self.name = name
        self.kept_at: str | None = None

    def __str__(self) -> str:
        kept = f" The payload is kept in {self.kept_at}." if self.kept_at else ""
        return f"{self.feed} [{self.window}] broke its contract: {self.seen}. What to do: {self.advice}.{kept}"


IS_UNAVAILABLE = " is unavailable: "  # in what `FeedUnavailable` says, for those to whom only its words come


class FeedUnavailable(Exception):  # noqa: N818 - it names a state of the source, and the pair reads as one
    """A feed did not answer within the retries and the deadline; a later run may succeed."""

    def __init__(self, feed: str, window: str, seen: str) -> None:
        super().__init__(f"{feed} [{window}]{IS_UNAVAILABLE}{seen}. What to do: run again later.")
        self.feed = feed
        self.window = window
        self.seen = seen


@dataclass(frozen=True)
class Reply:
    """An answer of a source; `url` and `body` have the secrets masked and may be stored.

    Attributes:
        status: HTTP status.
        body: What came, or its beginning where it was streamed to a file.
        url: The address.
        validator: ETag or Last-Modified of a downloaded file; empty if the server sends none.
    """

    status: int
    body: bytes
    url: str
    validator: str = ""

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Add the status to a contract error raised inside: 403 with a short text says more than the text."""
        try:
            yield
        except FeedContractError as error:
            if self.status != 200:
                error.seen = f"status {self.status}, {error.seen}"
            raise


@dataclass(frozen=True)
class Part:
    """Some bytes of a remote file.

    Attributes:
        body: The bytes.
        start: Place of the first of them in the file.
        total_bytes: Size of the whole file.
        validator: ETag or Last-Modified that names this version of the file; empty if the server sends none.
        url: Address with the secrets masked.
    """

    body: bytes
    start: int
    total_bytes: int
    validator: str
    url: str


def excerpt(body: bytes) -> str:
    """Return the beginning of a body as one readable line for an error message."""
    text = body[: EXCERPT_CHARACTERS * 4].decode("utf-8", errors="replace")
    line = " ".join(text.split())[:EXCERPT_CHARACTERS]
    return f"{len(body)} bytes starting with {line!r}"


def refusal(body: bytes) -> str | None:
    """Say why a body cannot be data of any feed, or None if it may be.

    The status is not asked: sources send error pages with 200, and good data with a wrong content type.
    """
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    lowered = head.lower()
    compact = b"".join(lowered[:64].split())
    if not head:
        return "an empty body"
    if lowered.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<")):
        return "an HTML or XML page"
    if compact.startswith((b'{"error"', b'{"erro"')):
        return "an error object"
    if head.startswith(("CHAVE INVÁLIDA".encode(), "CHAVE INVÁLIDA".encode("latin-1"))):
        return "the refusal 'CHAVE INVÁLIDA!'"
    if head.startswith(b"version https://git-lfs"):
        return "a git-lfs pointer instead of the file"
    return None


def require_data(body: bytes, feed: str, window: str, *, name: str = "payload") -> None:
    """Raise FeedContractError if the body is a known kind of refusal.

    Args:
        body: The bytes received.
        feed: Name of the feed for the message.
        window: Part of the feed for the message.
        name: File name for the quarantine.
    """
    reason = refusal(body)
    if reason is None:
        return
    advice = (
        "check INMET_TOKEN; the token was refused"
        if "CHAVE" in reason
        else "open the quarantined body, check the address and the source's status page, then run again"
    )
    raise FeedContractError(feed, window, f"{reason}: {excerpt(body)}", advice, payload=body, name=name)


class _MaskingFilter(logging.Filter):
    """Keep secrets out of what the HTTP libraries log at debug level."""

    def __init__(self, mask: Callable[[str], str]) -> None:
        super().__init__()
        self._mask = mask

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._mask(record.getMessage()), None
        return True


class _Pace:
    """Lets a burst of calls to a host through at once and then so many a second; threads share it."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float]) -> None:
        self._interval = 1.0 / per_second if per_second > 0 else 0.0
        self._slack = self._interval * (burst - 1)
        self._clock = clock
        self._lock = threading.Lock()
        self._due: dict[str, float] = {}

    def reserve(self, host: str) -> float:
        """Take the next place in the host's queue; return the seconds to wait for it."""
        with self._lock:
            now = self._clock()
            due = max(self._due.get(host, 0.0), now - self._slack)
            self._due[host] = due + self._interval
            return max(0.0, due - now)


class HttpClient:
    """Fetches bodies with timeouts, bounded retries and one deadline per request; threads may share a client.

    Retried: 429, 5xx, timeouts and lost connections, with exponential backoff and jitter; Retry-After is
    honoured. Everything else is returned as it came, for the parsers to judge.

    Args:
        secrets: Texts that must never appear in an error, a log, a stored address or a quarantined body.
        connect_seconds: Timeout of the connection.
        read_seconds: Timeout between two pieces of an answer.
        deadline_seconds: Longest time for one request with all of its retries.
        attempts: Largest number of attempts; of a download, the largest number in a row that bring no byte.
        backoff_seconds: First pause; it doubles with each attempt.
        requests_per_second: Calls to one host after the first burst, over all threads; 0 = as fast as can be.
        sleep: Replaced in tests.
    """

    def __init__(
        self,
        *,
        secrets: Sequence[str] = (),
        connect_seconds: float = 10.0,
        read_seconds: float = 60.0,
        deadline_seconds: float = 600.0,
        attempts: int = 5,
        backoff_seconds: float = 0.5,
        requests_per_second: float = REQUESTS_PER_SECOND,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)
        self._timeout = (connect_seconds, read_seconds)
        self._deadline_seconds = deadline_seconds
        self._attempts = attempts
        self._backoff_seconds = backoff_seconds
        self._sleep = sleep
        self._pace = _Pace(requests_per_second, BURST_REQUESTS, time.monotonic)
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._filter = _MaskingFilter(self.mask)
        if self._secrets:
            logging.getLogger("urllib3.connectionpool").addFilter(self._filter)

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        for session in self._sessions:
            session.close()
        logging.getLogger("urllib3.connectionpool").removeFilter(self._filter)

    def mask(self, text: str) -> str:
        """Return the text with every secret replaced by three asterisks."""
        for secret in self._secrets:
            for spelling in (secret, quote(secret, safe="")):
                text = text.replace(spelling, "***")
        return text

    def get(self, url: str, *, feed: str, window: str) -> Reply:
        """Fetch a body into memory.

        Args:
            url: Complete address.
            feed: Name of the feed for messages.
            window: Part of the feed for messages.

        Returns:
            The last answer, whatever its status below 500 other than 429.

        Raises:
            FeedUnavailable: No answer within the attempts and the deadline.
            FeedContractError: The body is larger than any of our feeds sends.
        """

        def read(response: requests.Response, chunks: Iterator[bytes]) -> Reply:
            body = _within(LARGEST_BODY_BYTES, chunks, feed, window)
            return Reply(response.status_code, self._masked_body(body), self.mask(url))

        return self._attempt(url, feed, window, read)

    def get_range(self, url: str, start: int, end: int, *, feed: str, window: str, unchanged_since: str = "") -> Part:
        """Fetch the bytes from `start` up to but without `end` of a remote file.

        The first call tells the size of the file and its validator; handing the validator to the later calls
        makes sure that all parts are of one version.

        Args:
            url: Complete address.
            start: Place of the first byte.
            end: Place after the last byte; past the end of the file is allowed.
            feed: Name of the feed for messages.
            window: Part of the feed for messages.
            unchanged_since: `validator` of an earlier part.

        Raises:
            FeedUnavailable: No answer within the attempts and the deadline, or the file changed since then.
            FeedContractError: The server does not serve parts, or the file ends before `start`.
        """
        if not 0 <= start < end:
            raise ValueError(f"bytes {start} to {end} are no range")

        def read(response: requests.Response, chunks: Iterator[bytes]) -> Part:
            found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            validator = _validator(response)
            if response.status_code == 206 and found and int(found["first"]) == start:
                if unchanged_since and validator and validator != unchanged_since:
                    raise FeedUnavailable(feed, window, f"{self.mask(url)} changed while it was read")
                body = _within(end - start, chunks, feed, window)
                if start + len(body) != min(end, int(found["total"])):
                    raise requests.ConnectionError("the part is shorter than it should be")
                return Part(body, start, int(found["total"]), validator, self.mask(url))
            if unchanged_since and response.status_code in (200, 412) and validator != unchanged_since:
                raise FeedUnavailable(feed, window, f"{self.mask(url)} changed while it was read")
            raise FeedContractError(
                feed,
                window,
                f"status {response.status_code} and Content-Range {response.headers.get('Content-Range')!r} "
                f"where bytes {start}-{end - 1} are due",
                "the server does not serve parts of this file; download it whole and land the file",
                payload=self._masked_body(next(chunks, b"")[:4096]),
            )

        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        if unchanged_since:
            headers["If-Range"] = unchanged_since
        return self._attempt(url, feed, window, read, lambda: headers)

    def download(self, url: str, target: Path, *, feed: str, window: str, known: str = "") -> Reply:
        """Stream a body to a file and return the answer with the first bytes as its body.

        A download that breaks off goes on where it stopped if the server serves parts and the file is still
        the same version (If-Range); else it starts again.

        Args:
            url: Complete address.
            target: File to write; it is whole when this returns.
            feed: Name of the feed for messages.
            window: Part of the feed for messages.
            known: `validator` of a version that the caller has; the answer is 304 without a file if it is still
                that one.

        Raises:
            FeedUnavailable: No answer within the attempts and the deadline.
        """
        resume = _Resume()

        def read(response: requests.Response, chunks: Iterator[bytes]) -> Reply:
            if response.status_code == 304 and known:
                return Reply(304, b"", self.mask(url), known)
            if response.status_code == 416 and resume.headers():
                resume.forget()
                raise requests.ConnectionError("the file is shorter than what was read of it")
            is_next = resume.continues(response)
            if not is_next:
                resume.start(response)
            with target.open("ab" if is_next else "wb") as out:
                out.truncate(resume.bytes_read)
                for chunk in chunks:
                    out.write(chunk)
                    resume.bytes_read += len(chunk)
            if resume.total_bytes is not None and resume.bytes_read < resume.total_bytes:
                raise requests.ConnectionError("the file ended early")
            with target.open("rb") as written:
                head = written.read(4096)
            status = 200 if response.status_code == 206 else response.status_code
            return Reply(status, self._masked_body(head), self.mask(url), _validator(response))

        def headers() -> dict[str, str]:
            is_etag = known.startswith('"')
            condition = resume.headers() or (
                {"If-None-Match" if is_etag else "If-Modified-Since": known} if known else {}
            )
            return {"Accept-Encoding": "identity", **condition}

        target.unlink(missing_ok=True)
        return self._attempt(url, feed, window, read, headers, progress=lambda: resume.bytes_read)

    def _attempt(
        self,
        url: str,
        feed: str,
        window: str,
        read: Callable[[requests.Response, Iterator[bytes]], _Result],
        headers: Callable[[], Mapping[str, str]] = dict,
        *,
        progress: Callable[[], int] = lambda: 0,
    ) -> _Result:
        deadline = time.monotonic() + self._deadline_seconds
        host = urlsplit(url).netloc
        attempt = furthest = 0
        while True:
            wanted_pause = 0.0
            queued = self._pace.reserve(host)
            if queued:
                self._sleep(queued)
            try:
                with self._open(url, headers()) as response:
                    if response.status_code != 429 and response.status_code < 500:
                        return read(response, _until(deadline, response))
                    seen = f"status {response.status_code}"
                    wanted_pause = _retry_after_seconds(response.headers.get("Retry-After"))
            except requests.exceptions.SSLError as error:
                # A certificate does not mend itself between two attempts; it is a kind of ConnectionError.
                raise FeedUnavailable(feed, window, self.mask(f"SSLError: {error}")) from None
            except (requests.Timeout, requests.ConnectionError) as error:
                seen = f"{type(error).__name__}, the connection was lost or timed out"
            except _DeadlineError:
                seen = f"the body was still coming at the deadline of {self._deadline_seconds:g} s"
                break
            except requests.RequestException as error:
                # The text of a requests error holds the address, and with it the token.
                raise FeedUnavailable(feed, window, self.mask(f"{type(error).__name__}: {error}")) from None
            if progress() > furthest:
                furthest, attempt = progress(), 0
            attempt += 1
            if attempt == self._attempts:
                break
            backoff = self._backoff_seconds * 2 ** (attempt - 1)
            pause = max(wanted_pause, backoff * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            if time.monotonic() + pause > deadline:
                seen = f"{seen}; the next attempt would pass the deadline of {self._deadline_seconds:g} s"
                break
            logger.warning("%s [%s]: %s; attempt %d in %.1f s", feed, window, seen, attempt + 1, pause)
            self._sleep(pause)
        raise FeedUnavailable(feed, window, f"{seen} from {self.mask(url)}") from None

    @contextmanager
    def _open(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        response = self._session().get(url, timeout=self._timeout, stream=True, headers=dict(headers))
        try:
            yield response
        finally:
            response.close()

    def _session(self) -> requests.Session:
        """The session of this thread: requests does not promise that threads may share one."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update({"User-Agent": USER_AGENT, "Accept": "*/*"})
            # The retries are ours: urllib3's own would log the address with its token.
            adapter = HTTPAdapter(max_retries=0)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
            self._sessions.append(session)
        return session

    def _masked_body(self, body: bytes) -> bytes:
        """Return the body without the secrets that an error page repeats from the address."""
        for secret in self._secrets:
            if len(secret) >= SHORTEST_SECRET_IN_BODY:
                for spelling in (secret, quote(secret, safe="")):
                    body = body.replace(spelling.encode(), b"***")
        return body


class _Resume:
    """How far a download has come, and of which version of the file."""

    def __init__(self) -> None:
        self.bytes_read = 0
        self.total_bytes: int | None = None
        self._validator = ""

    def headers(self) -> dict[str, str]:
        """What to ask for next: the rest of the same version, or everything."""
        if not (self.bytes_read and self._validator):
            return {}
        return {"Range": f"bytes={self.bytes_read}-", "If-Range": self._validator}

    def continues(self, response: requests.Response) -> bool:
        """Say whether the answer begins where the file stopped, and is of the same version."""
        found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        return (
            response.status_code == 206
            and found is not None
            and int(found["first"]) == self.bytes_read
            and self.total_bytes in (None, int(found["total"]))
            and _validator(response) in ("", self._validator)
        )

    def start(self, response: requests.Response) -> None:
        """Begin a file anew; a part that is not the next one is asked for again, whole."""
        was_part = response.status_code == 206
        self.forget()
        if was_part:
            raise requests.ConnectionError("another part than the one asked for")
        if not response.headers.get("Content-Encoding"):
            length = response.headers.get("Content-Length", "")
            self.total_bytes = int(length) if length.isdigit() else None
            self._validator = _validator(response)

    def forget(self) -> None:
        """Ask for everything next time."""
        self.bytes_read, self.total_bytes, self._validator = 0, None, ""


def _validator(response: requests.Response) -> str:
    """Return what names this version of a file; a weak ETag vouches for no byte, so it is passed over."""
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")


def _within(largest: int, chunks: Iterator[bytes], feed: str, window: str) -> bytes:
    """Join the pieces of a body that must not pass a size."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > largest:
            raise FeedContractError(feed, window, f"a body above {largest} bytes", "ask for a smaller window")
    return b"".join(parts)


class _DeadlineError(Exception):
    """The body was still coming when the deadline passed."""


def _until(deadline: float, response: requests.Response) -> Iterator[bytes]:
    """Give the body as it arrives; waiting for whole chunks would outsit the deadline on a slow line."""
    while True:
        try:
            chunk = response.raw.read1(CHUNK_BYTES, decode_content=True)
        except urllib3.exceptions.DecodeError as error:
            raise requests.exceptions.ContentDecodingError(error) from None
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error) from None
        if not chunk:
            return
        yield chunk
        if time.monotonic() > deadline:
            raise _DeadlineError


def _retry_after_seconds(header: str | None) -> float:
    """Return the pause that a server asks for, in seconds; both spellings of the header are understood."""
    if not header:
        return 0.0
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
