"""The one HTTP client of the extractors, and the two ways in which a feed can fail.

`FeedUnavailable` means that the source did not answer: it was retried, and a later run may succeed.
`FeedContractError` means that it answered something else than it promised: it is never retried, because
asking again brings the same answer. Parsing belongs to the source modules; this module only decides whether
a body can be data at all.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote

import requests
import urllib3
from requests.adapters import HTTPAdapter

logger = logging.getLogger(__name__)

# INMET answers 403 to clients that do not look like a browser.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
CHUNK_BYTES = 1 << 18
LARGEST_BODY_BYTES = 256 << 20
EXCERPT_CHARACTERS = 160


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


class FeedUnavailable(Exception):  # noqa: N818 - it names a state of the source, and the pair reads as one
    """A feed did not answer within the retries and the deadline; a later run may succeed."""

    def __init__(self, feed: str, window: str, seen: str) -> None:
        super().__init__(f"{feed} [{window}] is unavailable: {seen}. What to do: run again later.")
        self.feed = feed
        self.window = window
        self.seen = seen


@dataclass(frozen=True)
class Reply:
    """An answer of a source; `url` has the secrets masked and may be stored."""

    status: int
    body: bytes
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


class HttpClient:
    """Fetches bodies with timeouts, bounded retries and one deadline per request.

    Retried: 429, 5xx, timeouts and lost connections, with exponential backoff and jitter; Retry-After is
    honoured. Everything else is returned as it came, for the parsers to judge.

    Args:
        secrets: Texts that must never appear in an error, a log or a stored address.
        connect_seconds: Timeout of the connection.
        read_seconds: Timeout between two pieces of an answer.
        deadline_seconds: Longest time for one request with all of its retries.
        attempts: Largest number of attempts.
        backoff_seconds: First pause; it doubles with each attempt.
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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)
        self._timeout = (connect_seconds, read_seconds)
        self._deadline_seconds = deadline_seconds
        self._attempts = attempts
        self._backoff_seconds = backoff_seconds
        self._sleep = sleep
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": "*/*"})
        # The retries are ours: urllib3's own would log the address with its token.
        adapter = HTTPAdapter(max_retries=0)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._filter = _MaskingFilter(self.mask)
        if self._secrets:
            logging.getLogger("urllib3.connectionpool").addFilter(self._filter)

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
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
            parts: list[bytes] = []
            size = 0
            for chunk in chunks:
                parts.append(chunk)
                size += len(chunk)
                if size > LARGEST_BODY_BYTES:
                    raise FeedContractError(
                        feed, window, f"a body above {LARGEST_BODY_BYTES} bytes", "ask for a smaller window"
                    )
            return Reply(response.status_code, b"".join(parts), self.mask(url))

        return self._attempt(url, feed, window, read)

    def download(self, url: str, target: Path, *, feed: str, window: str) -> Reply:
        """Stream a body to a file and return the answer with the first bytes as its body.

        Args:
            url: Complete address.
            target: File to write; it is whole when this returns.
            feed: Name of the feed for messages.
            window: Part of the feed for messages.

        Raises:
            FeedUnavailable: No answer within the attempts and the deadline.
        """

        def read(response: requests.Response, chunks: Iterator[bytes]) -> Reply:
            head = b""
            with target.open("wb") as out:
                for chunk in chunks:
                    if len(head) < 4096:
                        head += chunk[:4096]
                    out.write(chunk)
            return Reply(response.status_code, head, self.mask(url))

        return self._attempt(url, feed, window, read)

    def _attempt(
        self, url: str, feed: str, window: str, read: Callable[[requests.Response, Iterator[bytes]], Reply]
    ) -> Reply:
        deadline = time.monotonic() + self._deadline_seconds
        seen = "no attempt was made"
        for attempt in range(self._attempts):
            wanted_pause = 0.0
            try:
                with self._open(url) as response:
                    if response.status_code != 429 and response.status_code < 500:
                        return read(response, _until(deadline, response))
                    seen = f"status {response.status_code}"
                    wanted_pause = _retry_after_seconds(response.headers.get("Retry-After"))
            except (requests.Timeout, requests.ConnectionError) as error:
                seen = f"{type(error).__name__}, the connection was lost or timed out"
            except _DeadlineError:
                seen = f"the body was still coming at the deadline of {self._deadline_seconds:g} s"
                break
            except requests.RequestException as error:
                # The text of a requests error holds the address, and with it the token.
                raise FeedUnavailable(feed, window, self.mask(f"{type(error).__name__}: {error}")) from None
            if attempt + 1 == self._attempts:
                break
            backoff = self._backoff_seconds * 2**attempt
            pause = max(wanted_pause, backoff * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            if time.monotonic() + pause > deadline:
                seen = f"{seen}; the next attempt would pass the deadline of {self._deadline_seconds:g} s"
                break
            logger.warning("%s [%s]: %s; attempt %d in %.1f s", feed, window, seen, attempt + 2, pause)
            self._sleep(pause)
        raise FeedUnavailable(feed, window, f"{seen} from {self.mask(url)}") from None

    @contextmanager
    def _open(self, url: str) -> Iterator[requests.Response]:
        response = self._session.get(url, timeout=self._timeout, stream=True)
        try:
            yield response
        finally:
            response.close()


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
