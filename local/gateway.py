"""One base address for clients: what a custom domain with base path mappings is on AWS.

It hands each request to the REST API of the service that owns the path, unchanged: body, query, headers and
status pass as they are. It adds a correlation id where there is none. It also has the contracts of the shop,
and pages for people: the storefront, the mails that were sent, and the live view.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
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
from starlette.routing import BaseRoute, Route

from common.errors import NotFound, ShopError, Unavailable
from common.web.endpoints import CORRELATION
from common.web.problems import MEDIA_TYPE, MethodNotAllowed, TimedOut, TooLarge, Unexpected, problem
from local import documents, mailbox, storefront
from local.deploy import deployed
from local.emulator.clients import client
from local.emulator.server import address, mail_folder
from local.emulator.traces import record_of
from local.live import pages as live
from local.live.record import Record
from local.paths import HOME, LOOPBACK, ROOT, port
from local.processes import Server, answers, sources

# The first part of a path, and the service that answers.
OWNERS = {
    "categories": "product",
    "products": "product",
    "orders": "order",
    "payments": "payment",
    "webhooks": "payment",
    "invoices": "invoice",
}
API_STAGE = "api"
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
    shop_file: Path,
    api_of: Callable[[str], str | None],
    transport: httpx.AsyncBaseTransport | None = None,
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The gateway in front of the emulator at this address; `api_of` gives the API's id of a service.

    `mails` is where the emulator keeps what it sent, `shop_file` where the running shop is described. `more`
    are routes of other pages.
    """
    target = httpx.URL(emulator)
    # Not a client: that would add headers of its own, and unpack answers.
    onward = transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=200))

    async def forward(request: Request) -> Response:
        api = api_of(OWNERS[request.url.path.split("/")[1]])
        if api is None:
            raise Unavailable("The shop is being deployed. Please try again in a moment.")
        body = await _body(request)
        if body is None:
            raise TooLarge("A request may have at most 10 MB.")
        raw_path: bytes = request.scope["raw_path"]
        # API Gateway keeps it within one part of the path, where no name has it; the emulator parts at it.
        if b"%2f" in raw_path.lower():
            raise NotFound("There is nothing at this address.")
        path = f"/_aws/execute-api/{api}/{API_STAGE}".encode() + raw_path
        query: bytes = request.scope["query_string"]
        correlation_id = _correlation_id(request)
        headers = [
            (name, value)
            for name, value in request.headers.raw
            if name.decode("latin-1") not in HOP_BY_HOP | {"host", "content-length", CORRELATION.name.lower()}
        ]
        headers.append((CORRELATION.name.encode(), correlation_id.encode()))
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
        except httpx.ReadTimeout as error:
            raise TimedOut("The shop took too long. What was asked may be done, or not.") from error
        except httpx.TransportError as error:
            raise Unavailable("The shop does not answer now. Please try again in a moment.") from error
        response = Response(content, answer.status_code)
        response.raw_headers = [
            (name.lower(), value)
            for name, value in answer.headers.raw
            if name.lower().decode("latin-1") not in HOP_BY_HOP
        ]
        if CORRELATION.name not in response.headers:
            response.headers[CORRELATION.name] = correlation_id
        return response

    async def refuse(request: Request, error: Exception) -> Response:
        """The answer that a service would give for this error."""
        headers: dict[str, str] = {}
        match error:
            case HTTPException(status_code=404):
                error = NotFound(error.detail)
            case HTTPException(status_code=405):
                headers = dict(error.headers or {})
                error = MethodNotAllowed("This address does not know this method.")
        answer = problem(error if isinstance(error, ShopError) else Unexpected())
        headers = {**{name: str(value) for name, value in answer.headers.items()}, **headers}
        headers[CORRELATION.name] = _correlation_id(request)
        return JSONResponse(answer.body, answer.status_code, headers, MEDIA_TYPE)

    return Starlette(
        routes=[
            *documents.routes(),
            *mailbox.routes(mails),
            *more,
            *[
                Route(path, forward, methods=METHODS)
                for first in OWNERS
                for path in (f"/{first}", f"/{first}/{{rest:path}}")
            ],
            *storefront.routes(shop_file, onward),
        ],
        exception_handlers=dict.fromkeys((ShopError, HTTPException, Exception), refuse),
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
    """The one that the request brings, if it looks like one; else a new one, the same at each call."""
    if not hasattr(request.state, "correlation_id"):
        given = request.headers.get(CORRELATION.name, "")
        request.state.correlation_id = given if CORRELATION.rule.holds(given) else str(uuid4())
    return str(request.state.correlation_id)


def url(home: Path = HOME) -> str:
    """The base address that clients use."""
    return f"http://{LOOPBACK}:{port('gateway', home)}"


def server(home: Path = HOME) -> Server:
    """The gateway of the shop that is kept in `home`."""
    number = port("gateway", home)
    return Server(
        name="gateway",
        command=[sys.executable, "-m", "local.gateway", "--home", str(home), "--emulator", address(home)],
        ready=lambda: answers(f"{url(home)}/mailbox"),
        ports=[number],
        environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        # It imports from both, and what they import may be others tomorrow.
        version=sources(
            *[ROOT / "local" / folder for folder in ("", "emulator", "live")],
            *[ROOT / "common" / folder for folder in ("", "web")],
        ),
    )


def main(arguments: list[str]) -> None:
    """Serve until the process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m local.gateway")
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--emulator", required=True)
    given = parser.parse_args(arguments)
    home = given.home
    uvicorn.run(
        application(
            given.emulator,
            mail_folder(home),
            home / "shop.json",
            Apis(home).id_of,
            more=live.routes(Record(record_of(home / "aws")), lambda: live.queues(client("sqs", home))),
        ),
        host=LOOPBACK,
        port=port("gateway", home),
        log_level="warning",
        # The answers of the shop bring their own.
        server_header=False,
        date_header=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
