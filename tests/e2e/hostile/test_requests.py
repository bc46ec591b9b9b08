"""What strangers send by hand: each request is refused as the document says, and nothing is changed by it."""

import json
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.hostile import requests
from tests.e2e.hostile.requests import Sent, judged
from tests.e2e.hostile.stores import nothing_changes
from tests.e2e.hostile.tally import Tally
from tests.e2e.running import RunningShop, found

KIND = "requests by hand"

# By what is wrong: of a product, another's order and another's cursors, the requests.
Family = Callable[[str, str, dict[str, str]], Iterator[Sent]]
FAMILIES: dict[str, Family] = {
    "bodies": lambda product, _order, _cursors: requests.bodies(product),
    "checkouts": lambda _product, order, _cursors: requests.checkouts(order),
    "media types": lambda product, _order, _cursors: requests.media_types(product),
    "headers": lambda product, _order, _cursors: requests.headers(product),
    "paths": lambda product, order, _cursors: requests.paths(order, product),
    "queries": lambda _product, _order, cursors: requests.queries(cursors),
}

HARDLY_HTTP = (
    ["POST /orders HTTP/1.1", "Content-Length: 2", "Content-Length: 20"],
    ["POST /orders HTTP/1.1", "Content-Length: -1"],
    ["POST /orders HTTP/1.1", "Content-Length: 99999999999999999999"],
    ["POST /orders HTTP/1.1", "Transfer-Encoding: chunked", "", "zz"],
    ["POST /orders HTTP/1.1", "Transfer-Encoding: chunked, identity", ""],
    ["GET /orders HTTP/1.1", "X-A\0: b"],
    ["GET /orders HTTP/1.1", "X-A: b\0c"],
    ["GET /orders HTTP/1.1", "X-A : b"],
    ["GET /or ders HTTP/1.1"],
    ["GET /orders\0 HTTP/1.1"],
    ["GET /orders HTTP/9.9"],
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_request_in_bad_faith_is_refused(shop: RunningShop, tally: Tally, family: str) -> None:
    """The status is one that is right, the answer one that the document has, and every store is as before."""
    victim, stranger, product = shop.person(), shop.person(), shop.product()
    orders = [victim.ordered((product, 1)) for _ in range(2)]
    cursors = {path: found(victim.shop.get(path, limit=1))["next"] for path in ("/products", "/orders")}
    wrong = []
    with _client(shop) as client, nothing_changes(shop):
        for sent in FAMILIES[family](product, orders[0], cursors):
            answer = sent.answer(client, stranger.shop.token)
            wrong += judged(answer, sent, KIND, tally)
    assert not wrong, "\n".join(wrong)


def test_anothers_cursor_shows_nothing_of_theirs(shop: RunningShop, tally: Tally) -> None:
    """A list begins where the cursor says, and holds what is the asker's own: here nothing."""
    victim, stranger, product = shop.person(), shop.person(), shop.product()
    for _ in range(3):
        victim.ordered((product, 1))
    page = found(victim.shop.get("/orders", limit=1))
    while page["next"]:
        answer = stranger.shop.get("/orders", cursor=page["next"])
        tally.note(KIND, answer.status_code, admitted=bool(found(answer)["items"]))
        assert found(answer)["items"] == []
        page = found(victim.shop.get("/orders", limit=1, cursor=page["next"]))


def test_what_is_hardly_http_is_refused(shop: RunningShop, tally: Tally) -> None:
    """4xx, or the connection is closed; the next one is served as ever."""
    person = shop.person()
    with nothing_changes(shop):
        for lines in HARDLY_HTTP:
            token = f"Authorization: Bearer {person.shop.token}"
            head = [*lines[:1], "Host: 127.0.0.1", token, *lines[1:], "", ""]
            status = _raw(shop, "\r\n".join(head).encode("latin-1"))
            tally.note("what is hardly HTTP", status, admitted=status < 400)
            assert 400 <= status < 500, lines
    assert found(person.shop.get("/products", limit=1))


def test_a_connection_stays_one_of_http(shop: RunningShop, tally: Tally) -> None:
    """Who asks for a WebSocket, or for HTTP/2, gets the answer of HTTP/1.1."""
    with _client(shop) as client:
        for upgrade in ("websocket", "h2c"):
            headers = {
                "Authorization": f"Bearer {shop.person().shop.token}",
                "Connection": "Upgrade",
                "Upgrade": upgrade,
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            }
            answer = client.get("/orders", headers=headers)
            tally.note(KIND, answer.status_code, admitted=answer.status_code == 101)
            assert answer.status_code in (200, 400, 403, 404), answer.text


def test_a_right_order_is_taken(shop: RunningShop) -> None:
    """By the same sender: what is refused above is refused for what is wrong with it."""
    person, product = shop.person(), shop.product()
    sent = Sent("all is well", {201}, content=requests.cart(requests.line(product)))
    with _client(shop) as client:
        answer = sent.answer(client, person.shop.token)
    assert judged(answer, sent, "not counted", Tally()) == []
    assert json.loads(answer.content)["status"] == "awaiting_payment"


def _client(shop: RunningShop) -> httpx.Client:
    return httpx.Client(base_url=shop.described["api"], trust_env=False, timeout=60)


def _raw(shop: RunningShop, data: bytes) -> int:
    """The status of what is answered to these bytes; 400 where the connection is closed without a word."""
    url = urlsplit(shop.described["api"])
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answered = b""
        while part := connection.recv(65536):
            answered += part
    return int(answered.split()[1]) if answered else 400
