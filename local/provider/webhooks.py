"""Delivering events: signed as Stripe signs them, posted with growing pauses until somebody takes them."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import httpx

from local.provider.bank import Bank
from local.provider.store import Delivery, Store

ANSWER_SECONDS = 20
MOST_AT_ONCE = 10
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
ANSWER_CHARACTERS_KEPT = 500
# How often it looks for checkouts whose time is over.
EXPIRY_CHECK_SECONDS = 1.0


def signature(body: bytes, secrets: Iterable[str], at: int) -> str:
    """The `Stripe-Signature` header of a webhook posted at `at`, in seconds since 1970.

    https://docs.stripe.com/webhooks#verify-manually: HMAC-SHA256 over the time, a dot and the body, by each
    secret that is valid while they rotate. Written apart from the `stripe` library, so that the shop's check
    is not proven by its own code.
    """
    signed = b"%d.%s" % (at, body)
    made = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])


def pause(attempts: int) -> float:
    """Seconds to wait after so many failed attempts: each time twice as long, up to a minute."""
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 30), LONGEST_PAUSE_SECONDS))


class Courier:
    """Delivers what is due, forever. Where no webhook address is set, events wait."""

    def __init__(self, store: Store, bank: Bank, now: Callable[[], float]) -> None:
        self._store = store
        self._bank = bank
        self._now = now
        self._wake = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """To be called after anything that may make a delivery due."""
        self._wake.set()

    async def run(self) -> None:
        """Works until it is cancelled; what was not delivered by then is delivered by the next start."""
        with self._store.transaction():
            self._store.all_due_at(self._now())
        # The environment's proxies are not for the shop's own addresses; Stripe follows no redirects either.
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            while True:
                self._wake.clear()
                with self._store.transaction():
                    self._bank.expire_overdue()
                self._start_due(client)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._seconds_to_wait())

    def _start_due(self, client: httpx.AsyncClient) -> None:
        url, secrets = self._store.setting("webhook_url"), self._store.setting("webhook_secrets")
        if not url or not secrets:
            return
        for delivery in self._store.due(self._now(), MOST_AT_ONCE + len(self._under_way)):
            if len(self._under_way) < MOST_AT_ONCE and delivery.number not in self._under_way:
                task = asyncio.create_task(self._deliver(client, delivery, url, secrets))
                self._under_way[delivery.number] = task

    def _seconds_to_wait(self) -> float:
        due = self._store.next_due()
        if due is None or due <= self._now():
            return EXPIRY_CHECK_SECONDS
        return min(due - self._now(), EXPIRY_CHECK_SECONDS)

    async def _deliver(
        self, client: httpx.AsyncClient, delivery: Delivery, url: str, secrets: Sequence[str]
    ) -> None:
        body = delivery.body.encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (a fake on this machine)",
            "Stripe-Signature": signature(body, secrets, int(self._now())),
        }
        status: int | None = None
        try:
            answered = await client.post(url, content=body, headers=headers)
            status, answer = answered.status_code, answered.text[:ANSWER_CHARACTERS_KEPT]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            answer = f"{type(error).__name__}: {error}"
        now = self._now()
        taken = status is not None and 200 <= status < 300
        with self._store.transaction():
            again = now + pause(delivery.attempts + 1)
            self._store.tried(delivery.number, now, status, answer, done=taken, again=again)
        del self._under_way[delivery.number]
        self.wake()
