"""One base address for clients: what a custom domain with base path mappings is on AWS.

It hands each request to the REST API of the service that owns the path, unchanged: body, query, headers and
status pass as they are. It adds a correlation id where there is none. It also has pages for people:
the mails that were sent, and where the payment provider sends a customer back to.
"""

import argparse
import http.client
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

import httpx
import uvicorn
from attrs import define, field
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local import mailbox, pages
from local.deploy import deployed
from local.emulator.server import address, mail_folder
from local.paths import HOME, LOOPBACK, ROOT, port
from local.processes import Server, answers, sources

# The first part of a path, and the service that answers.
OWNERS = {
    "products": "product",
    "orders": "order",
    "payments": "payment",
    "webhooks": "payment",
    "invoices": "invoice",
}
API_STAGE = "api"
CORRELATION_HEADER = "X-Correlation-Id"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# API Gateway's own limit. More is not even read.
MOST_BYTES = 10 * 1024 * 1024
# A little more than the 29 seconds after which API Gateway itself answers.
PATIENCE = httpx.Timeout(35, connect=3)
# They belong to one connection, not to the message: RFC 9110, section 7.6.1.
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


@define
class Apis:
    """The ids of the deployed REST APIs by service, read again when a deployment has changed them."""

    home: Path
    _read_at: int = field(default=-1, init=False)
    _ids: Mapping[str, str] = field(factory=dict, init=False)

    def id_of(self, service: str) -> str | None:
        """The id, or None if this service is not deployed."""
        try:
            changed_at = (self.home / "deployed.json").stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if changed_at != self._read_at:
            known = deployed(self.home).values()
            self._ids = {d.service: d.rest_api_id for d in known if d.rest_api_id}
            self._read_at = changed_at
        return self._ids.get(service)


def application(
    emulator: str,
    mails: Path,
    api_of: Callable[[str], str | None],
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The gateway in front of the emulator at this address; `api_of` gives the API's id of a service."""
    target = httpx.URL(emulator)
    # Not a client: that would add headers of its own, and unpack answers.
    onward = transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=200))

    async def forward(request: Request) -> Response:
        service = OWNERS.get(request.url.path.split("/")[1])
        if service is None:
            return _problem(404, "Not Found", "There is nothing at this address.")
        api = api_of(service)
        if api is None:
            return _away("The shop is being deployed. Please try again in a moment.")
        body = await _body(request)
        if body is None:
            return _problem(413, "Content Too Large", "A request may have at most 10 MB.")
        raw_path: bytes = request.scope["raw_path"]
        path = f"/_aws/execute-api/{api}/{API_STAGE}".encode() + raw_path
        query: bytes = request.scope["query_string"]
        correlation_id = _correlation_id(request)
        headers = [
            (name, value)
            for name, value in request.headers.raw
            if name.decode("latin-1")
            not in HOP_BY_HOP | {"host", "content-length", CORRELATION_HEADER.lower()}
        ]
        headers.append((CORRELATION_HEADER.encode(), correlation_id.encode()))
        onward_request = httpx.Request(
            request.method,
            target.copy_with(raw_path=path + (b"?" + query if query else b"")),
            headers=headers,
            content=body,
            extensions={"timeout": PATIENCE.as_dict()},
        )
        try:
            answer = await onward.handle_async_request(onward_request)
            content = b"".join([part async for part in answer.aiter_raw()])
            await answer.aclose()
        except httpx.ReadTimeout:
            return _problem(
                504, "Gateway Timeout", "The shop took too long. What was asked may be done or not."
            )
        except httpx.TransportError:
            return _away("The shop does not answer now. Please try again in a moment.")
        response = Response(content, answer.status_code)
        response.raw_headers = [
            (name.lower(), value)
            for name, value in answer.headers.raw
            if name.lower().decode("latin-1") not in HOP_BY_HOP
        ]
        if CORRELATION_HEADER not in response.headers:
            response.headers[CORRELATION_HEADER] = correlation_id
        return response

    async def answer_problem(_: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            title = http.client.responses.get(error.status_code, "Error")
            return _problem(error.status_code, title, error.detail)
        return _problem(500, "Internal Server Error", "Something went wrong here. It has been logged.")

    return Starlette(
        routes=[*mailbox.routes(mails), *pages.routes(), Route("/{path:path}", forward, methods=METHODS)],
        exception_handlers={HTTPException: answer_problem, Exception: answer_problem},
        # Names other than these are a web page's trick to reach a server on the visitor's own machine.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"])],
    )


async def _body(request: Request) -> bytes | None:
    """The whole body, or None if it is longer than API Gateway takes."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _correlation_id(request: Request) -> str:
    given = request.headers.get(CORRELATION_HEADER, "")
    return given if re.fullmatch("[A-Za-z0-9-]{1,64}", given) else str(uuid4())


def _away(detail: str) -> Response:
    response = _problem(503, "Service Unavailable", detail)
    response.headers["Retry-After"] = "2"
    return response


def _problem(status: int, title: str, detail: str) -> Response:
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status, media_type="application/problem+json")


def url(home: Path = HOME) -> str:
    """The base address that clients use."""
    return f"http://{LOOPBACK}:{port('gateway', home)}"


def server(home: Path = HOME) -> Server:
    """The gateway of the shop that is kept in `home`."""
    number = port("gateway", home)
    return Server(
        name="gateway",
        command=[sys.executable, "-m", "local.gateway", "--home", str(home), "--emulator", address(home)],
        ready=lambda: answers(f"{url(home)}/checkout"),
        ports=[number],
        environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        # It imports from both, and what they import may be others tomorrow.
        version=sources(ROOT / "local", ROOT / "local" / "emulator"),
    )


def main(arguments: list[str]) -> None:
    """Serve until the process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m local.gateway")
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--emulator", required=True)
    given = parser.parse_args(arguments)
    home = given.home
    uvicorn.run(
        application(given.emulator, mail_folder(home), Apis(home).id_of),
        host=LOOPBACK,
        port=port("gateway", home),
        log_level="warning",
        # The answers of the shop bring their own.
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
