"""Signing what is sent to AWS: Signature Version 4, which proves who calls without sending the secret.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from common.kinds import service
from common.settings import Aws

_ALGORITHM = "AWS4-HMAC-SHA256"

# What is left as it is in a path; in a query, the slash is encoded, too.
PATH = "/-_.~"

# S3 takes a link for whatever the object is.
UNSIGNED = "UNSIGNED-PAYLOAD"
EMPTY = hashlib.sha256(b"").hexdigest()


@service
class Signer:
    """Signs for one service, as `access`, at one moment."""

    access: Aws
    service: str
    at: datetime

    def headers(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        """The headers to send: those given, which include the host, and those that prove who calls."""
        digest = hashlib.sha256(body).hexdigest()
        sent = {**headers, "x-amz-date": self._time, "x-amz-content-sha256": digest}
        if self.access.aws_session_token:
            sent["x-amz-security-token"] = self.access.aws_session_token
        signature = self.signature(method, path, query, sent, digest)
        who = f"{self.access.aws_access_key_id}/{self._scope}"
        proof = f"{_ALGORITHM} Credential={who}, SignedHeaders={_names(sent)}, Signature={signature}"
        return {**sent, "authorization": proof}

    def link(self, path: str, query: Mapping[str, str], host: str, seconds: int, payload: str) -> str:
        """The path and query of a GET that anybody can send who has it, for so many seconds."""
        asked = {
            **query,
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{self.access.aws_access_key_id}/{self._scope}",
            "X-Amz-Date": self._time,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        if self.access.aws_session_token:
            asked["X-Amz-Security-Token"] = self.access.aws_session_token
        signature = self.signature("GET", path, asked, {"host": host}, payload)
        return f"{path}?{encoded(asked)}&X-Amz-Signature={signature}"

    def signature(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], payload: str
    ) -> str:
        """The signature of a request. `path` is as it is sent, `payload` what stands for the body."""
        # All but S3 take the path as if its encoded form had been meant.
        signed_path = path if self.service == "s3" else quote(path, safe=PATH)
        lines = "".join(
            f"{name}:{' '.join(value.split())}\n" for name, value in sorted(_lowered(headers).items())
        )
        canonical = "\n".join([method, signed_path, encoded(query), lines, _names(headers), payload])
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        key = f"AWS4{self.access.aws_secret_access_key}".encode()
        for part in self._scope.split("/"):
            key = _hmac(key, part)
        return _hmac(key, f"{_ALGORITHM}\n{self._time}\n{self._scope}\n{digest}").hex()

    @property
    def _time(self) -> str:
        return f"{self.at:%Y%m%dT%H%M%SZ}"

    @property
    def _scope(self) -> str:
        return f"{self.at:%Y%m%d}/{self.access.aws_region}/{self.service}/aws4_request"


def encoded(query: Mapping[str, str]) -> str:
    """A query in the one form that is signed: in order, and whatever can be encoded is."""
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _names(headers: Mapping[str, str]) -> str:
    return ";".join(sorted(_lowered(headers)))


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
