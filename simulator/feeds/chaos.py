"""A bad day of the sources: errors, lost connections, refusals, error pages with 200, and slow bodies.

What happens to a request depends on the seed, its address and how often it was asked, and on nothing else: threads may
ask in any order. Each address is spoilt a limited number of times, so that whoever asks again gets the data.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ERROR_PAGE = "<html><body><h1>Serviço temporariamente indisponível</h1></body></html>".encode()
UNAVAILABLE, CUT, THROTTLED, PAGE, SLOW = "unavailable", "cut", "throttled", "page", "slow"
SLOW_PIECES = 8
SLOW_PAUSE_SECONDS = 0.01


@dataclass
class Chaos:
    """How bad the day is, and what has happened so far.

    Attributes:
        seed: Which bad day.
        unavailable: Share of the answers that are 500, 502, 503 or 504.
        cut: Share whose connection is lost in the middle of the body.
        throttled: Share that are 429 with Retry-After.
        page: Share that are an HTML page with status 200.
        slow: Share whose body comes in small pieces.
        most_per_address: Spoilt answers in a row of one address, slow ones not counted.
        retry_after_seconds: What a 429 asks for.
        happened: Count of what was done to answers, by kind.
    """

    seed: int
    unavailable: float = 0.10
    cut: float = 0.05
    throttled: float = 0.05
    page: float = 0.0
    slow: float = 0.05
    most_per_address: int = 2
    retry_after_seconds: int = 1
    happened: Counter[str] = field(default_factory=Counter)
    _asked: Counter[str] = field(default_factory=Counter, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def fate(self, address: str) -> tuple[str, random.Random]:
        """Say what happens to the next request of an address: a kind, or the empty text for nothing."""
        with self._lock:
            turn = self._asked[address]
            self._asked[address] += 1
            luck = random.Random(f"{self.seed} {address} {turn}")
            draw, kind = luck.random(), ""
            for name in (UNAVAILABLE, CUT, THROTTLED, PAGE, SLOW):
                draw -= getattr(self, name)
                if draw < 0:
                    kind = name
                    break
            if turn >= self.most_per_address and kind != SLOW:
                kind = ""
            self.happened[kind] += 1
        return kind, luck


class ChaosMiddleware:
    """Puts a bad day between an application and its clients."""

    def __init__(self, app: ASGIApp, chaos: Chaos) -> None:
        self._app = app
        self._chaos = chaos

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, or worse."""
        headers = dict(scope["headers"])
        address = f"{scope['path']}?{scope['query_string'].decode()} {headers.get(b'range', b'').decode()}"
        kind, luck = self._chaos.fate(address)
        if kind == UNAVAILABLE:
            await _answer(send, luck.choice((500, 502, 503, 504)), ERROR_PAGE)
        elif kind == THROTTLED:
            await _answer(send, 429, b"", [(b"retry-after", str(self._chaos.retry_after_seconds).encode())])
        elif kind == PAGE:
            await _answer(send, 200, ERROR_PAGE, [(b"content-type", b"text/html; charset=utf-8")])
        elif kind in {CUT, SLOW}:
            await self._spoilt(scope, receive, send, is_cut=kind == CUT)
        else:
            await self._app(scope, receive, send)

    async def _spoilt(self, scope: Scope, receive: Receive, send: Send, *, is_cut: bool) -> None:
        """Send half of the application's answer and hang up, or all of it in pieces."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages[1:])
        await send(messages[0])
        if is_cut and len(body) > 1:
            # Returning without the rest makes the server close the connection.
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            return
        step = max(1, len(body) // SLOW_PIECES)
        for start in range(0, len(body), step):
            await send({"type": "http.response.body", "body": body[start : start + step], "more_body": True})
            await asyncio.sleep(SLOW_PAUSE_SECONDS)
        await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *(headers or [])]})
    await send({"type": "http.response.body", "body": body})
