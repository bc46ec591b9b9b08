"""Calls of AWS over HTTP, signed: without boto3, whose import costs more than the rest of a cold start.

docs/decisions/0101 has the figures, and what was weighed. There is one client of each kind a container,
made on first use.
"""

import json
import random
import select
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from attrs import field

from common.aws.signature import PATH, UNSIGNED, Signer, encoded
from common.clock import SystemClock
from common.kinds import service, value
from common.settings import Aws, load, trace

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CONNECT_SECONDS = 2

# What passes by itself; whatever else is refused stays refused.
_BUSY = {429, 500, 502, 503, 504}
_THROTTLED = {"Throttling", "ThrottlingException", "ThrottledException", "RequestTimeout", "SlowDown"}


@value
class Limits:
    """How long an answer is waited for, and how often a call is made in all."""

    seconds: float
    tries: int


# A call that is not answered soon is better tried again: a function lives for seconds.
_LIMITS = Limits(seconds=5, tries=2)

_LIMITS_OF = {
    # A function that is called may take fifteen seconds. It is called once: whoever called asks again, or is
    # asked again, and meanwhile the first call may still be at work.
    "lambda": Limits(seconds=17, tries=1),
    # Not tried again in here: a mail whose answer was lost may have been sent, so the caller decides.
    "ses": Limits(seconds=30, tries=1),
}

# Services that are signed for by one name, and answer at another.
_HOSTS = {"ses": "email"}


class CallFailed(Exception):
    """AWS refused a call, or gave no answer. `code` is AWS's own word for why; empty without an answer."""

    def __init__(self, operation: str, code: str, message: str, *, may_pass: bool = False) -> None:
        super().__init__(f"{operation}: {code} {message}")
        self.code = code
        self.may_pass = may_pass
        """Whether the same call may succeed a moment later."""


@value
class Answer:
    """What AWS answered. The names of headers are in lower case."""

    headers: Mapping[str, str]
    body: bytes


@service
class Client:
    """Calls one service, at one address. Connections are kept, as many as there are calls at once.

    `wait` passes the time before another try.
    """

    service: str
    address: str
    limits: Limits = _LIMITS
    access: Callable[[], Aws] = lambda: load(Aws)
    now: Callable[[], datetime] = SystemClock().now
    wait: Callable[[float], None] = time.sleep
    _idle: list[HTTPConnection] = field(factory=list, init=False)

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Makes the call that AWS knows as `operation`. Raises `CallFailed`."""
        for attempt in range(1, self.limits.tries + 1):
            try:
                return self._send(operation, method, path, query or {}, headers or {}, body)
            except CallFailed as failed:
                if attempt == self.limits.tries or not failed.may_pass:
                    raise
            # At random, so that those who were refused together do not come back together.
            self.wait(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - it is no secret
        raise AssertionError("every attempt returns or raises")

    def link(self, path: str, query: Mapping[str, str], seconds: int) -> str:
        """The address of a GET that anybody can send who has it, for so many seconds."""
        at = urlsplit(self.address)
        signed = self._signer().link(at.path + quote(path, safe=PATH), query, at.netloc, seconds, UNSIGNED)
        return f"{at.scheme}://{at.netloc}{signed}"

    def _signer(self) -> Signer:
        return Signer(self.access(), self.service, self.now())

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        at = urlsplit(self.address)
        full = at.path + quote(path, safe=PATH)
        sent = self._signer().headers(method, full, query, {**headers, "host": at.netloc}, body)
        if trace():
            # It is not signed: whoever stands between may change it.
            sent["x-amzn-trace-id"] = trace()
        connection = self._free()
        try:
            if connection.sock is None:
                self._open(connection)
            connection.request(method, f"{full}?{encoded(query)}" if query else full, body or None, sent)
            response = connection.getresponse()
            answer = Answer({name.lower(): value for name, value in response.getheaders()}, response.read())
        except (OSError, HTTPException) as error:
            connection.close()
            raise CallFailed(operation, "", "There was no answer.", may_pass=True) from error
        self._idle.append(connection)
        if response.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(operation, response.status, answer)
        return answer

    def _open(self, connection: HTTPConnection) -> None:
        connection.connect()
        connection.sock.settimeout(self.limits.seconds)

    def _free(self) -> HTTPConnection:
        """A connection that no other call has and nobody has closed meanwhile, or a new one."""
        while self._idle:
            kept = self._idle.pop()
            # Between two answers there is nothing to read but the other side's end.
            if kept.sock is not None and not select.select([kept.sock], [], [], 0)[0]:
                return kept
            kept.close()
        at = urlsplit(self.address)
        if at.scheme == "https":
            return HTTPSConnection(at.netloc, timeout=_CONNECT_SECONDS, context=_tls())
        return HTTPConnection(at.netloc, timeout=_CONNECT_SECONDS)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def client(service: str, bucket: str = "") -> Client:
    """The client of an AWS service, or of one bucket of "s3", in the function's region.

    AWS_ENDPOINT_URL leads it to an emulator, where a bucket is a part of the path and not of the host's name.
    """
    access = load(Aws)
    if access.aws_endpoint_url:
        address = f"{access.aws_endpoint_url.rstrip('/')}/{bucket}".rstrip("/")
    else:
        host = f"{_HOSTS.get(service, service)}.{access.aws_region}.amazonaws.com"
        address = f"https://{bucket}.{host}" if bucket else f"https://{host}"
    return Client(service, address, _LIMITS_OF.get(service, _LIMITS))


def xml(body: bytes) -> "Element":
    """An answer of the services that answer in XML. Its elements are found by `{*}NAME`."""
    from xml.etree import ElementTree

    return ElementTree.fromstring(body)  # noqa: S314 - AWS wrote it, and its parser expands nothing of a stranger's


def _refusal(operation: str, status: int, answer: Answer) -> CallFailed:
    """AWS says why in a header, in JSON or in XML, as each of its services is used to; or, to a HEAD, not."""
    code, message = answer.headers.get("x-amzn-errortype", ""), ""
    if answer.body.lstrip().startswith(b"<"):
        told = xml(answer.body)
        code, message = told.findtext(".//{*}Code", code), told.findtext(".//{*}Message", "")
    elif answer.body.startswith(b"{"):
        said = json.loads(answer.body)
        code = code or said.get("__type") or said.get("code", "")
        message = said.get("message") or said.get("Message", "")
    # "com.amazonaws.sns#NotFound:http://..." stands for "NotFound".
    code = code.partition(":")[0].rpartition("#")[2] or str(status)
    return CallFailed(operation, code, message, may_pass=status in _BUSY or code in _THROTTLED)
