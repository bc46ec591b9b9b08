"""The provider as one ASGI application."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.provider import api, control, page
from local.provider.bank import Bank
from local.provider.store import Store
from local.provider.webhooks import Courier


def random_id(prefix: str) -> str:
    """An id that nobody guesses, such as cs_test_..., as long as Stripe's are about."""
    return prefix + secrets.token_hex(12)


def application(
    *,
    file: Path,
    address: str,
    api_keys: Sequence[str],
    webhook_url: str | None = None,
    webhook_secrets: Sequence[str] = (),
    now: Callable[[], float] = time.time,
    new_id: Callable[[str], str] = random_id,
) -> Starlette:
    """The provider that keeps what it knows in `file` and is reached at `address`, without a final slash.

    Each request must bring one of `api_keys`; webhooks are signed with each of `webhook_secrets`. What is
    given here replaces what was set before.
    """
    store = Store(file)
    bank = Bank(store, now, new_id, address)
    courier = Courier(store, bank, now)
    with store.transaction():
        given = {"webhook_url": webhook_url, "webhook_secrets": [*webhook_secrets], "api_keys": [*api_keys]}
        for name, value in given.items():
            if value:
                store.set(name, value)

    @contextlib.asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        delivering = asyncio.create_task(courier.run())
        # A provider that delivers nothing must not look alive.
        delivering.add_done_callback(_end_if_broken)
        yield
        delivering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await delivering
        store.close()

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(
        routes=[
            Route("/health", health),
            *api.routes(bank, courier),
            *page.routes(bank, courier),
            *control.routes(bank, courier),
        ],
        # Names other than these are a web page's trick to reach a server on the visitor's own machine.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        lifespan=running,
    )


def _end_if_broken(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        raise SystemExit(f"Webhooks cannot be delivered any more: {task.exception()!r}.")
