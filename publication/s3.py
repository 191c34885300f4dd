"""The one request that Arrow's S3 file system cannot make: put an object only if it is what was read.

Signed by AWS Signature Version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html); MinIO and S3 honour
`If-Match` and `If-None-Match` on a put.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import requests

TIMEOUT_SECONDS = 30
_CHANGED = (409, 412)


class ObjectChangedError(Exception):
    """Somebody else wrote the object since it was read."""


@dataclass(frozen=True)
class S3Access:
    """Where S3 is and who asks; addresses are path-style, which MinIO and S3 both understand.

    Attributes:
        endpoint: Address without a path, such as ``http://minio:9000``.
        region: Region that requests are signed for.
        key_id: Access key.
        secret: Secret key.
        token: Session token of temporary credentials; empty for none.
    """

    endpoint: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> S3Access:
        """Read the variables that Arrow's file system reads, too.

        Raises:
            ValueError: There is no key.
        """
        if not environment.get("AWS_ACCESS_KEY_ID") or not environment.get("AWS_SECRET_ACCESS_KEY"):
            raise ValueError("gold on S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1"
        stated = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
        return cls(
            endpoint=(stated or f"https://s3.{region}.amazonaws.com").rstrip("/"),
            region=region,
            key_id=environment["AWS_ACCESS_KEY_ID"],
            secret=environment["AWS_SECRET_ACCESS_KEY"],
            token=environment.get("AWS_SESSION_TOKEN", ""),
        )

    def get(self, path: str) -> tuple[bytes, str] | None:
        """Content and entity tag of ``bucket/key``; None where there is no object."""
        answer = self._ask("GET", path, b"", {})
        if answer.status_code == 404:
            return None
        _refuse(answer, "read", path)
        return answer.content, answer.headers["ETag"]

    def put(self, path: str, content: bytes, *, tag: str | None) -> None:
        """Write ``bucket/key`` if it still has this tag, or, without one, if it does not exist.

        Raises:
            ObjectChangedError: It is not what was read.
            OSError: The store refused.
        """
        condition = {"If-None-Match": "*"} if tag is None else {"If-Match": tag}
        answer = self._ask("PUT", path, content, condition)
        if answer.status_code in _CHANGED or (answer.status_code == 404 and tag is not None):
            raise ObjectChangedError(path)
        _refuse(answer, "write", path)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> requests.Response:
        now = datetime.now(UTC)
        location = f"/{quote(path)}"
        signed = {
            "host": urlsplit(self.endpoint).netloc,
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
            **({"x-amz-security-token": self.token} if self.token else {}),
        }
        names = ";".join(sorted(signed))
        canonical = "\n".join(
            [
                method,
                location,
                "",
                *(f"{name}:{signed[name]}" for name in sorted(signed)),
                "",
                names,
                signed["x-amz-content-sha256"],
            ]
        )
        scope = f"{now:%Y%m%d}/{self.region}/s3/aws4_request"
        to_sign = "\n".join(
            ["AWS4-HMAC-SHA256", signed["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
        )
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        return requests.request(
            method,
            f"{self.endpoint}{location}",
            data=body,
            headers={**headers, **signed, "authorization": f"AWS4-HMAC-SHA256 {credential}"},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )


def _refuse(answer: requests.Response, what: str, path: str) -> None:
    if answer.status_code != 200:
        raise OSError(f"could not {what} s3://{path}: answered {answer.status_code}: {answer.text[:300]}")
