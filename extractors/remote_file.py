"""A large file on a server, read like a local one by HTTP ranges.

With it, `zipfile` takes single members out of an archive of gigabytes: the directory at its end, then the bytes of
the wanted members and nothing else. All ranges belong to one version of the file; when it changes meanwhile, the
reading fails as unavailable and a later run starts over.
"""

from __future__ import annotations

import io

from extractors.http import FeedContractError, HttpClient, refusal, require_data

BLOCK_BYTES = 8 << 20
TAIL_BYTES = 1 << 16


class RemoteFile(io.RawIOBase):
    """A seekable file behind an address; `open_remote` makes it.

    Args:
        client: Makes the requests.
        url: Complete address.
        size: Size of the whole file in bytes.
        validator: Names the version that is read; empty if the server names none.
        feed: Name of the feed for messages.
        window: Part of the feed for messages.
    """

    def __init__(self, client: HttpClient, url: str, *, size: int, validator: str, feed: str, window: str) -> None:
        super().__init__()
        self._client, self._url, self._feed, self._window = client, url, feed, window
        self._validator = validator
        self._position = 0
        # The end, which zipfile looks at again and again, and the block that was read last.
        self._tail_start = max(0, size - TAIL_BYTES)
        self._block_start, self._block = 0, b""
        self.size = size
        self.bytes_fetched = 0
        self.tail = self._fetch(self._tail_start, size)

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position; nothing is fetched."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all up to the end by default.

        Raises:
            FeedUnavailable: No answer, or the file changed since it was opened.
        """
        end = self.size if size is None or size < 0 else min(self._position + size, self.size)
        parts = []
        while self._position < end:
            piece = self._piece(end)
            parts.append(piece)
            self._position += len(piece)
        return b"".join(parts)

    def _piece(self, end: int) -> bytes:
        if self._position >= self._tail_start:
            return self.tail[self._position - self._tail_start : end - self._tail_start]
        place = self._position - self._block_start
        if not 0 <= place < len(self._block):
            self._block = self._fetch(self._position, min(self._position + BLOCK_BYTES, self._tail_start))
            self._block_start, place = self._position, 0
        return self._block[place : place + end - self._position]

    def _fetch(self, start: int, end: int) -> bytes:
        part = self._client.get_range(
            self._url, start, end, feed=self._feed, window=self._window, unchanged_since=self._validator
        )
        self.bytes_fetched += len(part.body)
        return part.body


def open_remote(client: HttpClient, url: str, *, feed: str, window: str) -> RemoteFile | None:
    """Open a file on a server, or return None when the server does not serve parts of it.

    Args:
        client: Makes the requests.
        url: Complete address.
        feed: Name of the feed for messages.
        window: Part of the feed for messages.

    Raises:
        FeedContractError: What came instead is an error page.
        FeedUnavailable: No answer.
    """
    try:
        first = client.get_range(url, 0, 1, feed=feed, window=window)
    except FeedContractError as error:
        if isinstance(error.payload, bytes) and refusal(error.payload) is not None:
            require_data(error.payload, feed, window)
        return None
    return RemoteFile(client, url, size=first.total_bytes, validator=first.validator, feed=feed, window=window)
