"""The one address of the shop that asks for no token: who may tell it of payments."""

import gzip
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from tests.api.answers import check
from tests.e2e.books import balanced
from tests.e2e.hostile.stores import nothing_changes
from tests.e2e.hostile.tally import Tally
from tests.e2e.permissions import Logs
from tests.e2e.running import RunningShop, eventually, found

KIND = "forged webhooks"
DAY = 24 * 3600

Post = tuple[str, bytes, Mapping[str, str]]


def test_a_webhook_that_the_provider_did_not_sign_is_refused(shop: RunningShop, tally: Tally) -> None:
    """400, or 413 where it is too large: before it is read, and nothing is stored."""
    secret = shop.described["webhook_secret"]
    _refuses(shop, tally, _forged(_succeeded(shop), secret), {400, 413})


def test_a_signed_body_that_is_none_of_the_providers_is_refused(shop: RunningShop, tally: Tally) -> None:
    """422, so that the provider sees that something is wrong: no event, or money of the other mode."""
    secret = shop.described["webhook_secret"]
    live = _succeeded(shop).replace(b'"livemode": false', b'"livemode": true')
    posts = [
        ("livemode in a test shop", live, _signed(live, secret)),
        *(
            (f"signed {body[:30]!r}", body, _signed(body, secret))
            for body in (
                *(
                    b"",
                    b"{",
                    b"[]",
                    b"null",
                    b"1",
                    b'"evt"',
                    b"{}",
                    b'{"object": "event"}',
                    b"\xff",
                    b"[" * 100_000,
                ),
                b'{"object": "event", "type": "payment_intent.succeeded", "data": []}',
                live.replace(b"true", b'"no"').replace(b'"pi_forged"', b"null"),
                live.replace(b"true", b"false").replace(b'"pi_forged"', b'"pi\\u0000"'),
                live.replace(b"true", b"false").replace(b'"amount_received": 1999', b'"amount_received": -1'),
            )
        ),
    ]
    _refuses(shop, tally, posts, {400, 422})


def test_events_that_are_none_of_the_shops(shop: RunningShop, tally: Tally) -> None:
    """200, for the provider did right: of an unknown kind, of another shop's payment; nothing is stored.

    One right signature among others is enough: so the provider sends while a secret is being replaced.
    """
    secret = shop.described["webhook_secret"]
    body = _event("payout.of.a.kind.to.come", {"id": "po_1", "object": "payout"})
    one_of_three = _header(body, "whsec_old", "whsec_older", secret)
    posts = [
        ("an unknown kind", body, _signed(body, secret)),
        ("one right signature of three", body, {"Stripe-Signature": one_of_three}),
    ]
    for kind, about in (
        ("invoice.paid", {"id": "in_1", "object": "invoice", "customer": "cus_1", "amount_paid": 1999}),
        ("payment_intent.succeeded", {"id": "pi_1", "object": "payment_intent", "metadata": {}}),
    ):
        other = _event(kind, about)
        posts.append((kind, other, _signed(other, secret)))
    with nothing_changes(shop):
        for name, sent, headers in posts:
            answer = _post(shop, sent, headers)
            tally.note("webhooks of others' business", answer.status_code, admitted=False)
            assert found(answer) == {"news": False}, name


def test_a_payment_of_an_order_that_does_not_exist(shop: RunningShop) -> None:
    """It is recorded, told in the log, where an alarm looks for it, and given back; the books balance."""
    person, logs = shop.person(), Logs(shop, "order-local-on_payment")
    order_id = person.ordered((shop.product(), 1))
    page = person.shop.checkout(order_id)
    found(person.shop.post(f"/orders/{order_id}/cancel"))
    for table in ("order_requests", "orders"):
        shop.rows("order", f"DELETE FROM {table} WHERE order_id = :id", id=order_id)  # noqa: S608 - ours
    person.shop.press(page, "pay")

    def statuses() -> list[str]:
        rows = shop.rows("payment", "SELECT status FROM payments WHERE order_id = :id", id=order_id)
        return [row["status"] for row in rows]

    eventually("the money to be given back", lambda: statuses() == ["refunded"])
    assert "A payment names an order that does not exist" in logs.text()
    assert balanced(shop)


def _forged(body: bytes, secret: str) -> Iterator[Post]:
    """Posts of an event that would pay an order, each with something wrong about its signature."""
    now = int(time.time())
    right = _signed(body, secret)["Stripe-Signature"]
    digest = right.partition("v1=")[2]
    for name, header in {
        "no signature": None,
        "an empty signature": "",
        "a signature of zeros": f"t={now},v1={'0' * 64}",
        "a signature cut short": right[:-1],
        "a signature that is longer": right + "0",
        "a signature in capitals": f"t={now},v1={digest.upper()}",
        "a signature turned round": f"t={now},v1={digest[::-1]}",
        "only the old scheme": right.replace("v1=", "v0="),
        "no time": f"v1={digest}",
        "two times": f"t={now},{right}",
        "another time": right.replace("t=", "t=1"),
        "a time that is none": f"t=now,v1={digest}",
        "a secret that was guessed": _header(body, "whsec_guessed"),
        "an empty secret": _header(body, ""),
        "the name of the secret": _header(body, "webhook_secrets"),
        "a thousand signatures": f"t={now}," + ",".join(f"v1={n:064x}" for n in range(100)),
        "of another body": _header(body.replace(b"1999", b"1"), secret),
        "of no body": _header(b"", secret),
    }.items():
        yield name, body, {} if header is None else {"Stripe-Signature": header}
    for age in (301, 3600, DAY, 365 * DAY, now):
        yield f"{age} seconds old", body, {"Stripe-Signature": _header(body, secret, at=now - age)}
    for ahead in (120, DAY, 100 * 365 * DAY):
        yield f"{ahead} seconds ahead", body, {"Stripe-Signature": _header(body, secret, at=now + ahead)}
    for at in (0, len(body) // 2, len(body) - 1):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        yield f"byte {at} changed", changed, {"Stripe-Signature": right}
    yield "a space more", body + b" ", {"Stripe-Signature": right}
    yield "another amount", body.replace(b"1999", b"9991"), {"Stripe-Signature": right}
    packed = {"Stripe-Signature": right, "Content-Encoding": "gzip"}
    yield "packed, signed unpacked", gzip.compress(body), packed
    large = body + b" " * (2 * 1024 * 1024)
    yield "2 MB, signed", large, _signed(large, secret)
    yield "2 MB, unsigned", large, {}
    yield "no JSON, unsigned", b"{" * 100_000, {"Stripe-Signature": right}


def _refuses(shop: RunningShop, tally: Tally, posts: Any, statuses: set[int]) -> None:
    """Each post is answered with one of the statuses, in a form of the document, and leaves no trace."""
    wrong = []
    with nothing_changes(shop):
        for name, body, headers in posts:
            answer = _post(shop, body, headers)
            tally.note(KIND, answer.status_code, admitted=answer.status_code < 400)
            if answer.status_code not in statuses:
                wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
            else:
                check("POST", "/webhooks/stripe", body, answer.status_code, answer.headers, answer.content)
    assert not wrong, "\n".join(wrong)


def _succeeded(shop: RunningShop) -> bytes:
    """The event that an order was paid which awaits its payment."""
    order_id = shop.person().ordered((shop.product(), 1))
    intent = {
        "id": "pi_forged",
        "object": "payment_intent",
        "amount": 1999,
        "amount_received": 1999,
        "currency": "usd",
        "metadata": {"order_id": order_id},
        "last_payment_error": None,
    }
    return _event("payment_intent.succeeded", intent)


def _event(kind: str, about: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "id": "evt_forged",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": about},
        }
    ).encode()


def _signed(body: bytes, secret: str) -> dict[str, str]:
    return {"Stripe-Signature": _header(body, secret)}


def _header(body: bytes, *secrets: str, at: int | None = None) -> str:
    """What Stripe writes over the body: the time, and a signature by each secret."""
    at = int(time.time()) if at is None else at
    signed = f"{at}.".encode() + body
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])


def _post(shop: RunningShop, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    return httpx.post(
        shop.described["webhook_url"],
        content=body,
        headers={"Content-Type": "application/json", **headers},
        trust_env=False,
        timeout=60,
    )
