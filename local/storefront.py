"""The storefront on this machine: its files as CloudFront serves them on AWS, and a way to the user pool.

On AWS a browser speaks to Cognito itself, which lets pages of any origin do so. The emulator does not, and
listens on a port of its own: the calls that a customer's sign-in is made of are handed on from here.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from common.errors import Forbidden, Unavailable
from common.web.problems import TooLarge
from local.paths import ROOT
from local.provision import SELLER
from local.tools import LIBRARIES

SITE = ROOT / "storefront" / "site"
HEADERS_FILE = ROOT / "storefront" / "headers.json"
POOL_PATH = "/pool"

# What a client may ask of a pool that knows nothing but its own tokens; nothing that administers the pool.
POOL_ACTIONS = {
    f"AWSCognitoIdentityProviderService.{action}"
    for action in ("InitiateAuth", "RespondToAuthChallenge", "RevokeToken")
}
LARGEST_POOL_CALL = 64 * 1024


def headers(pool: str = "") -> dict[str, str]:
    """What each file of the site says to browsers; `pool` is the user pool's origin, if it is another."""
    written = HEADERS_FILE.read_text(encoding="utf-8")
    filled: dict[str, str] = json.loads(Template(written).substitute(pool=pool))
    # Files are asked for again each time, and sent only where they are others now.
    return {**filled, "Cache-Control": "no-cache"}


def routes(shop_file: Path, transport: httpx.AsyncBaseTransport) -> list[BaseRoute]:
    """The site at `/`, its config.json, and the pool at POOL_PATH. `shop_file` is shop.json."""

    def described() -> dict[str, str]:
        try:
            shop: dict[str, str] = json.loads(shop_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Unavailable("The shop is about to open.") from None
        return shop

    def config(_: Request) -> Response:
        return JSONResponse(configuration(described(), shop_file), headers=headers())

    async def pool(request: Request) -> Response:
        target = request.headers.get("X-Amz-Target", "")
        if target not in POOL_ACTIONS:
            raise Forbidden("Customers sign in and out here, and nothing else.")
        body = await request.body()
        if len(body) > LARGEST_POOL_CALL:
            raise TooLarge("Nobody signs in with so much.")
        onward = httpx.Request(
            "POST",
            f"{described()['user_pool_endpoint']}/",
            headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target},
            content=body,
        )
        try:
            answer = await transport.handle_async_request(onward)
            content = await answer.aread()
        except httpx.TransportError as error:
            raise Unavailable("Signing in is not possible now.") from error
        media_type = answer.headers.get("content-type")
        return Response(content, answer.status_code, {"Cache-Control": "no-store"}, media_type)

    return [
        Route("/config.json", config),
        Route(POOL_PATH, pool, methods=["POST"]),
        Mount("/vendor", _Files(directory=LIBRARIES, check_dir=False)),
        Mount("/", _Files(directory=SITE, html=True)),
    ]


def configuration(shop: Mapping[str, object], shop_file: Path) -> dict[str, object]:
    """What config.json says of the shop that shop.json describes."""
    return {
        "name": SELLER["seller_name"],
        "region": shop["region"],
        "user_pool_id": shop["user_pool_id"],
        "client_id": shop["client_id"],
        "pool_endpoint": POOL_PATH,
        "mailbox": "/mailbox",
        "note": f"This shop runs on your machine. Its customers and their passwords are in {shop_file}.",
    }


class _Files(StaticFiles):
    """Files with the site's headers."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(headers())
        return response
