"""Requests that no client of the shop's would send, by family; each with the answers that are right."""

import gzip
import json
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx
from attrs import field, frozen

from tests.api.answers import check
from tests.e2e.hostile.tally import Tally

JSON = "application/json"
MEGABYTE = 1024 * 1024
TWO_TO_63 = 2**63


@frozen
class Sent:
    """One request, by a customer who is signed in; `may` are the statuses that it may be answered with."""

    name: str
    may: set[int]
    method: str = "POST"
    path: str = "/orders"
    content: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(factory=dict)

    def answer(self, client: httpx.Client, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
        headers |= {} if self.method == "GET" else {"Content-Type": JSON}
        named = {name.lower() for name in self.headers}
        merged = {name: value for name, value in headers.items() if name.lower() not in named}
        merged |= {name: value for name, value in self.headers.items() if value != LEFT_OUT}
        octets = [(name.encode(), value.encode("latin-1")) for name, value in merged.items()]
        return client.request(self.method, self.path, content=self.content, headers=octets)


LEFT_OUT = "\0"

REFUSED_FORM, REFUSED_VALUE = {400}, {422}


def judged(answer: httpx.Response, sent: Sent, kind: str, tally: Tally) -> list[str]:
    """Counts the answer; a sentence for each thing that is wrong with it."""
    status = answer.status_code
    tally.note(kind, status, admitted=status < 400 and status not in sent.may)
    said = f"{sent.name}: {status} {answer.text[:300]}"
    if status not in sent.may:
        return [said]
    try:
        target = answer.request.url.raw_path.decode("latin-1")
        content = sent.content if isinstance(sent.content, bytes) else b""
        check(sent.method, target, content, status, answer.headers, answer.content)
    except AssertionError as error:
        return [f"{said}: {error}"]
    return []


def line(product: str, **changed: Any) -> dict[str, Any]:
    return {"product_id": product, "quantity": 1, **changed}


def cart(*lines: Any, **more: Any) -> bytes:
    return json.dumps({"lines": list(lines), **more}).encode()


def bodies(product: str) -> Iterator[Sent]:
    """Bodies of POST /orders that are no JSON, no cart, or a cart that nobody may have."""
    whole = cart(line(product))
    forms = {
        "nothing": b"",
        "half an object": b'{"lines": [',
        "a comma too many": b'{"lines": [],}',
        "single quotes": b"{'lines': []}",
        "a comment": whole + b"// and more",
        "two values": whole + whole,
        "NaN": whole.replace(b"1}", b"NaN}"),
        "Infinity": whole.replace(b"1}", b"-Infinity}"),
        "a key twice": whole[:-1] + b', "lines": []}',
        "a key of a line twice": whole.replace(b"1}", b'1, "quantity": 2}'),
        "NUL, escaped": cart(line("a\0b")),
        "NUL, as it is": cart(line("ab")).replace(b"ab", b"a\0b"),
        "a lone high surrogate": cart(line("x")).replace(b'"x"', b'"\\ud800"'),
        "a lone low surrogate": cart(line("x")).replace(b'"x"', b'"\\udfff"'),
        "UTF-16": whole.decode().encode("utf-16"),
        "UTF-32": whole.decode().encode("utf-32"),
        "a byte order mark": b"\xef\xbb\xbf" + whole,
        "100,000 lists in one another": b"[" * 100_000 + b"]" * 100_000,
        "20,000 objects in one another": b'{"lines":' * 20_000 + b"1" + b"}" * 20_000,
        "a number of 200,000 digits": b'{"lines": ' + b"9" * 200_000 + b"}",
        "pickled": b"\x80\x04\x95\x0f\x00\x00\x00\x00\x00\x00\x00",
        "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    }
    for name, content in forms.items():
        yield Sent(name, REFUSED_FORM, content=content)
    # A gateway hands a body over as text, and may have put something in the place of what is none.
    for name, octets in {
        "a surrogate in UTF-8": b"\xed\xa0\x80",
        "no UTF-8": b"\xff\xfe",
        "an overlong slash": b"\xc0\xaf",
    }.items():
        yield Sent(
            name, REFUSED_FORM | REFUSED_VALUE, content=cart(line("octets")).replace(b"octets", octets)
        )
    values: dict[str, bytes] = {
        "null": b"null",
        "a text": b'"lines"',
        "a number": b"1",
        "a list": b"[]",
        "true": b"true",
        "an empty object": b"{}",
        "a number beyond floats": b'{"lines": 1e999}',
        "no line": cart(),
        "a line that is null": cart(None),
        "a line that is a list": cart([]),
        "a line that is a text": cart(product),
        "lines that are an object": json.dumps({"lines": {"0": line(product)}}).encode(),
        "a line without a quantity": cart({"product_id": product}),
        "a line without a product": cart({"quantity": 1}),
        "the same product twice": cart(line(product), line(product)),
        "1,000 lines": cart(*(line(f"{product}-{n}") for n in range(1000))),
        "101 lines": cart(*(line(f"{product}-{n}") for n in range(101))),
        "a product that there is not": cart(line("nobody-sells-this")),
        "a product beside one that there is not": cart(line(product), line("nobody-sells-this")),
        "a product of no name": cart(line("")),
        "a product of 10,000 letters": cart(line("x" * 10_000)),
        "a product in SQL": cart(line("' OR 1=1; DROP TABLE orders; --")),
        "a product in MongoDB's words": cart(line({"$ne": None})),  # type: ignore[arg-type]
        "a product of a path": cart(line("../../etc/passwd")),
        "a product in capitals": cart(line(product.upper())),
        "a field of JavaScript's": cart(line(product), __proto__={"admin": True}),
        "a field too many": cart(line(product), note="please"),
        "a field too many in a line": cart(line(product, note="please")),
    }
    for wrong in (0, -1, TWO_TO_63, -TWO_TO_63, 10**30, 10_001, 1.0, 1.5, 1e2, "1", True, None, [], {}, [1]):
        values[f"a quantity of {wrong!r}"] = cart(line(product, quantity=wrong))
    for smuggled in ("price", "unit_price", "total", "currency", "amount", "discount", "name"):
        values[f"a line with its own {smuggled}"] = cart(line(product, **{smuggled: 1}))
        values[f"a cart with its own {smuggled}"] = cart(line(product), **{smuggled: 1})
    for smuggled in ("order_id", "customer_id", "status", "payment_id", "placed_at", "expires_at", "email"):
        values[f"a cart with its own {smuggled}"] = cart(line(product), **{smuggled: "paid"})
    values["a line with its own price as money"] = cart(
        line(product, unit_price={"amount": 1, "currency": "XTS"})
    )
    for name, content in values.items():
        yield Sent(name, REFUSED_VALUE, content=content)
    for size in (256 * 1024 + 1, MEGABYTE, 6 * MEGABYTE):
        padded = whole + b" " * (size - len(whole))
        yield Sent(f"{size:,} bytes", {413}, content=padded)
    yield Sent("more than a gateway takes", {413}, content=b"x" * (10 * MEGABYTE + 1))


def checkouts(order_id: str) -> Iterator[Sent]:
    """Bodies of POST /payments/checkout, by somebody whose order it is not."""
    path = "/payments/checkout"
    for name, body, may in (
        ("another's order", {"order_id": order_id}, {404}),
        ("no order", {"order_id": str(uuid.uuid4())}, {404}),
        ("an order in capitals", {"order_id": order_id.upper()}, {404}),
        ("an order in braces", {"order_id": "{" + order_id + "}"}, {422}),
        ("an order without hyphens", {"order_id": order_id.replace("-", "")}, {422}),
        ("an order in a list", {"order_id": [order_id]}, {422}),
        ("an order in an object", {"order_id": {"$eq": order_id}}, {422}),
        ("a number", {"order_id": 1}, {422}),
        ("nothing", {}, {422}),
        ("its own amount", {"order_id": order_id, "amount": 1}, {422}),
        ("its own address to return to", {"order_id": order_id, "success_url": "http://evil.example"}, {422}),
    ):
        yield Sent(f"checkout of {name}", may, path=path, content=json.dumps(body).encode())


def media_types(product: str) -> Iterator[Sent]:
    """A cart that says it is something else, or does not say what it is, or is packed."""
    whole = cart(line(product))
    for kind in (
        LEFT_OUT,
        "",
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/json-patch+json",
        "application/vnd.api+json",
        "application/jsonx",
        "application/x-python-pickle",
        "json",
        "*/*",
        ";",
    ):
        name = f"the type {kind!r}" if kind != LEFT_OUT else "no type"
        yield Sent(name, {415}, content=whole, headers={"Content-Type": kind})
    # Nothing is unpacked: what comes out of a packed body could be a thousand times as large.
    for coding, packed in (
        ("gzip", gzip.compress(whole)),
        ("deflate", zlib.compress(whole)),
        ("gzip", gzip.compress(b" " * (50 * MEGABYTE))),
        ("br", b"\x0b\x02\x80" + whole),
        ("zstd", b"\x28\xb5\x2f\xfd" + whole),
        ("gzip, gzip", gzip.compress(gzip.compress(whole))),
    ):
        yield Sent(f"packed by {coding}", {400, 415}, content=packed, headers={"Content-Encoding": coding})
    yield Sent("in two pieces", {422}, content=iter([b'{"lines":', b" []}"]))
    yield Sent("in a thousand pieces", {400}, content=iter([b"["] * 1000))
    yield Sent("in pieces without end", {413}, content=iter([b" " * MEGABYTE] * 11))


def headers(product: str) -> Iterator[Sent]:
    """Headers that are missing, too long, or not the client's to say."""
    wrong = cart(line(product, quantity=0))
    for name, key in (
        ("no key", LEFT_OUT),
        ("an empty key", ""),
        ("a key of 256 letters", "k" * 256),
        ("a key of 8 KB", "k" * 8192),
        ("a key with a tab", "a\tb"),
        ("a key in Latin-1", "clé"),
    ):
        yield Sent(name, {400}, content=cart(line(product)), headers={"Idempotency-Key": key})
    for name, value in {
        "X-Filler": "x" * 8192,
        "Cookie": "session=" + "x" * 8000,
        "X-Correlation-Id": "x" * 8192,
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "X-HTTP-Method-Override": "DELETE",
        "X-Original-URL": "/orders/deliver",
        "X-Amz-Invocation-Type": "Event",
        "X-Amz-Target": "AWSLambda.Invoke",
        "Accept": "application/xml",
        "Accept-Encoding": "identity;q=0",
        "Range": "bytes=0-0",
        "If-Match": '"x"',
        "Expect": "200-ok",
        "Content-Language": "\xff",
    }.items():
        yield Sent(f"{name} of {len(value)} letters", {422}, content=wrong, headers={name: value})
    for wrong_id in ("\x7f", "<script>", "a b", "' OR 1=1", "%0d%0aSet-Cookie:x=1", "---"):
        yield Sent(
            f"the correlation id {wrong_id!r}", {422}, content=wrong, headers={"X-Correlation-Id": wrong_id}
        )


def paths(order_id: str, product: str) -> Iterator[Sent]:
    """Addresses that lead nowhere, or to what is another's."""
    nowhere = (
        f"/orders/{order_id}",
        f"/orders/{order_id}/",
        f"/orders/{order_id}%2Fcancel",
        f"/orders/{order_id}%00",
        f"/orders/{order_id}%20",
        f"/orders/{order_id}%0A",
        f"/orders/{order_id.upper()}",
        f"/orders/{order_id.replace('-', '')}",
        f"/orders/urn:uuid:{order_id}",
        f"/orders/%7B{order_id}%7D",
        f"/orders/{uuid.UUID(order_id).int}",
        f"/orders/{order_id};x=1",
        f"/orders//{order_id}",
        f"//orders/{order_id}",
        "/orders/%00",
        "/orders/%2F",
        "/orders/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/orders/..%5c..%5c",
        "/orders/%ff",
        "/orders/%ED%A0%80",
        "/orders/%zz",
        "/orders/" + "x" * 8000,
        "/orders/" + "a/" * 500,
        f"/payments/{order_id}",
        f"/payments/{order_id}%00",
        "/payments/checkout",
        f"/invoices/{order_id}",
        f"/invoices/{order_id}.pdf",
        f"/invoices/..%2Finvoices%2F{order_id}",
        "/invoices/%00",
        "/products/%00",
        "/products/%2F",
        "/products/a%2Fb",
        "/products/%ff",
        "/products/%ED%A0%80",
        "/products/$ne",
        "/products/%7B%22$ne%22:null%7D",
        f"/products/{product}%00",
        f"/products/{product.upper()}",
        "/products/" + "x" * 8000,
        f"/products/{product}/suggestions/more",
        f"/products/{product}%2Fsuggestions",
        "/products/%00/suggestions",
        "/Orders",
        "/orders%2F",
        "/webhooks%2Fstripe",
        "/.env",
        "/.git/config",
        "/admin",
        "/mailbox/messages/..%2F..%2Fsecrets",
        "/problems/%00",
        "/problems/..%2F..%2FREADME.md",
    )
    for path in nowhere:
        yield Sent(f"GET {path[:80]}", {400, 403, 404, 405}, "GET", path)
    for action in ("cancel", "deliver"):
        yield Sent(f"{action} of another's", {403, 404}, path=f"/orders/{order_id}/{action}")
        yield Sent(f"{action} of nothing", {403, 404}, path=f"/orders/%00/{action}")
        yield Sent(f"{action} of {action}", {403, 404}, path=f"/orders/{action}/{action}")
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "CONNECTED"):
        yield Sent(f"{method} /orders", {403, 404, 405}, method, "/orders")
        yield Sent(f"{method} an order", {403, 404, 405}, method, f"/orders/{order_id}")


def queries(cursors: Mapping[str, str]) -> Iterator[Sent]:
    """Query parameters of lists; `cursors` are another's, by the list that gave them."""
    for path in ("/products", "/orders"):
        for query in (
            "limit=0",
            "limit=-1",
            "limit=101",
            f"limit={TWO_TO_63}",
            "limit=" + "9" * 5000,
            "limit=1e1",
            "limit=1.0",
            "limit=0x10",
            "limit=%D9%A1",
            "limit=+1",
            "limit=",
            "limit=NaN",
            "limit=1&limit=2",
            "limit[]=1",
            "limit%00=1",
            "cursor=",
            "cursor=%00",
            "cursor=x",
            "cursor=" + "A" * 7000,
            "cursor=../../etc",
            "cursor=%ff",
            "cursor=AAAA",
            "cursor=eyIkbmUiOm51bGx9",
            "customer_id=somebody",
            "fields=email",
            "$where=1",
            "%ff=1",
            "=",
        ):
            yield Sent(f"GET {path}?{query[:60]}", {400}, "GET", f"{path}?{query}")
    for query in ("q=%00", "q=%ff", "category=%00", "q=%ED%A0%80", "q=a&q=b", "category[$ne]=x"):
        yield Sent(f"GET /products?{query}", {400}, "GET", f"/products?{query}")
    for given, cursor in cursors.items():
        for path in ("/products", "/orders"):
            if path != given:
                yield Sent(f"the cursor of {given} at {path}", {200, 400}, "GET", f"{path}?cursor={cursor}")
