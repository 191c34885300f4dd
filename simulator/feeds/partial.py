"""A file of a source as a web server hands it out: whole, or the part asked for, with a tag that names its version."""

from __future__ import annotations

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

RANGE = re.compile(r"bytes=(?P<first>\d+)-(?P<last>\d*)")


def file_response(request: Request, body: bytes, media_type: str) -> Response:
    """Answer 200 with the whole file, 206 with one part, or 416 past its end; If-Range falls back to the whole."""
    tag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes"}
    wanted = RANGE.fullmatch(request.headers.get("range", ""))
    if wanted is None or request.headers.get("if-range", tag) != tag:
        return Response(body, media_type=media_type, headers=headers)
    first = int(wanted["first"])
    last = min(int(wanted["last"] or len(body) - 1), len(body) - 1)
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body[first : last + 1], 206, media_type=media_type, headers=headers)
