"""The feed servers in a background thread on a free loopback port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from simulator.feeds.app import build_app
from simulator.feeds.chaos import Chaos, ChaosMiddleware
from simulator.feeds.world import FeedWorld

START_TIMEOUT_SECONDS = 20.0


class FeedServer:
    """Serves a world on 127.0.0.1.

    Args:
        world: What the servers know.
        chaos: A bad day; all is well without it.
    """

    def __init__(self, world: FeedWorld, chaos: Chaos | None = None) -> None:
        self._app = build_app(world)
        self._chaos = chaos

    @contextmanager
    def running(self) -> Iterator[str]:
        """Yield the address of the running server (http://127.0.0.1:port); stop it after."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            # The server would log each answer that is cut on purpose as a fault of the application.
            level = "warning" if self._chaos is None else "critical"
            app = self._app if self._chaos is None else ChaosMiddleware(self._app, self._chaos)
            config = uvicorn.Config(app, log_level=level, lifespan="off", timeout_graceful_shutdown=2)
            server = uvicorn.Server(config)
            thread = threading.Thread(
                target=server.run, kwargs={"sockets": [listener]}, name="feed-server", daemon=True
            )
            thread.start()
            try:
                deadline = time.monotonic() + START_TIMEOUT_SECONDS
                while not server.started:
                    if not thread.is_alive() or time.monotonic() > deadline:
                        raise RuntimeError("the feed servers did not start")
                    time.sleep(0.01)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.should_exit = True
                thread.join(timeout=10)
