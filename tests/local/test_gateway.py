"""The gateway: every byte passes unchanged, and what is not the shop's answer is a problem document."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from attrs import define, field

from common.web.problems import PROBLEM_TYPES, ProblemType
from local.documents import FOLDER
from local.gateway import MOST_BYTES, application

EMULATOR = "http://127.0.0.1:4566"
PROBLEM = "application/problem+json"


class Chunks(httpx.AsyncByteStream):
    """A body in two parts."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"\x00\xff"
        yield b"gzip it is not"


@define
class FakeEmulator(httpx.AsyncBaseTransport):
    """Answers each request the same, or fails, and remembers what it was asked."""

    error: Exception | None = None
    asked: list[tuple[httpx.Request, bytes]] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request, await request.aread()))
        if self.error:
            raise self.error
        headers = [("content-type", "application/pdf"), ("content-encoding", "gzip"), ("set-cookie", "a=1")]
        headers += [("set-cookie", "b=2"), ("connection", "keep-alive")]
        return httpx.Response(418, headers=headers, stream=Chunks())


@pytest.fixture
def emulator() -> FakeEmulator:
    return FakeEmulator()


@pytest.fixture
def ask(emulator: FakeEmulator, tmp_path: Path) -> Callable[..., httpx.Response]:
    """Asks the gateway; its services are `order`, as API "o1", and `payment`, as "p1"."""
    shop_file = tmp_path / "shop.json"
    app = application(EMULATOR, tmp_path, shop_file, {"order": "o1", "payment": "p1"}.get, emulator)

    def ask(method: str, path: str, **named: object) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                request = client.build_request(method, path, **named)  # type: ignore[arg-type]
                # As it was sent: a client would unpack it by its content-encoding.
                response = await transport.handle_async_request(request)
                content = b"".join([part async for part in response.stream])  # type: ignore[union-attr]
                kept = [(k, v) for k, v in response.headers.multi_items() if k != "content-encoding"]
                return httpx.Response(response.status_code, headers=kept, content=content)

        return asyncio.run(send())

    return ask


def test_a_request_passes_unchanged(ask: Callable[..., httpx.Response], emulator: FakeEmulator) -> None:
    """Method, encoded path, query, headers and the very bytes of the body reach the owner of the path."""
    body = b'{"a":  1}\r\n\xff'
    ask("POST", "/webhooks/a%2Bb%20c?x=1&x=%C3%A9", content=body, headers={"Stripe-Signature": "t=1,v1=ab"})
    request, received = emulator.asked[0]
    assert request.method == "POST"
    assert request.url.raw_path == b"/_aws/execute-api/p1/api/webhooks/a%2Bb%20c?x=1&x=%C3%A9"
    assert request.headers["stripe-signature"] == "t=1,v1=ab"
    assert received == body


@pytest.mark.parametrize("path", ["/orders%2F", "/orders/a%2fcancel", "/orders/%2F..%2Fa?x=1"])
def test_a_slash_within_a_part_of_a_path_is_none(
    path: str, ask: Callable[..., httpx.Response], emulator: FakeEmulator
) -> None:
    """404, and no service is asked: it would be asked for another address than was sent."""
    assert ask("GET", path).status_code == 404
    assert emulator.asked == []


def test_a_slash_in_a_query_passes(ask: Callable[..., httpx.Response], emulator: FakeEmulator) -> None:
    """What is asked for by a list's parameters is the service's to read."""
    ask("GET", "/orders?cursor=a%2Fb")
    assert emulator.asked[0][0].url.raw_path.endswith(b"/orders?cursor=a%2Fb")


def test_an_answer_passes_unchanged(ask: Callable[..., httpx.Response]) -> None:
    """Status, headers (each of several alike) and bytes come back, but for what belongs to a connection."""
    answer = ask("GET", "/orders")
    assert answer.status_code == 418
    assert answer.content == b"\x00\xffgzip it is not"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["content-type"] == "application/pdf"
    assert "connection" not in answer.headers


@pytest.mark.parametrize(
    ("given", "is_kept"), [("abc-1", True), (None, False), ("a b", False), ("x" * 65, False)]
)
def test_each_request_has_a_correlation_id(
    given: str | None, is_kept: bool, ask: Callable[..., httpx.Response], emulator: FakeEmulator
) -> None:
    """A sensible one of the client's is kept, else one is made; service and client get the same."""
    answer = ask("GET", "/orders", headers={"X-Correlation-Id": given} if given else {})
    sent = emulator.asked[0][0].headers.get_list("x-correlation-id")
    assert sent == [answer.headers["x-correlation-id"]]
    assert (sent == [given]) == is_kept


@pytest.mark.parametrize("path", ["/nothing", "/ordersx", "//orders", "/pages", "/vendor/"])
def test_an_unknown_path_is_not_found(path: str, ask: Callable[..., httpx.Response]) -> None:
    """A path that no service owns: 404, as a problem document."""
    answer = ask("GET", f"http://127.0.0.1{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize(
    ("error", "status"),
    [(httpx.ConnectError("refused"), 503), (httpx.ReadError("reset"), 503), (httpx.ReadTimeout("slow"), 504)],
)
def test_a_shop_that_is_away(
    error: Exception, status: int, emulator: FakeEmulator, ask: Callable[..., httpx.Response]
) -> None:
    """No traceback where the services do not answer: 503 with Retry-After, or 504."""
    emulator.error = error
    answer = ask("GET", "/orders")
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("path", ["/mailbox", "/mailbox/messages", "/orders", "/", "/config.json"])
def test_a_web_page_under_another_name_gets_nothing(
    path: str, ask: Callable[..., httpx.Response], emulator: FakeEmulator, tmp_path: Path
) -> None:
    """A name that somebody had point to this machine: refused, before a mail is read or a service called."""
    _mail(tmp_path)
    answer = ask("GET", path, headers={"Host": "evil.example:8000"})
    assert answer.status_code == 400
    assert b"customers.example" not in answer.content
    assert not emulator.asked
    assert ask("GET", "/mailbox", headers={"Host": "localhost:8000"}).status_code == 200


def test_a_service_that_is_not_deployed_yet(ask: Callable[..., httpx.Response]) -> None:
    """A path whose service is not deployed: try again later."""
    answer = ask("GET", "/invoices/1")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_body_over_the_limit_is_not_read_on(
    ask: Callable[..., httpx.Response], emulator: FakeEmulator
) -> None:
    """More than API Gateway takes: 413, and nothing reaches a service."""
    assert ask("POST", "/orders", content=b"x" * (MOST_BYTES + 1)).status_code == 413
    assert not emulator.asked


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_the_contracts_are_served(name: str, ask: Callable[..., httpx.Response]) -> None:
    """To anybody, as they are in docs/api."""
    answer = ask("GET", f"/{name}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == (FOLDER / name).read_bytes()


def test_people_read_the_api(ask: Callable[..., httpx.Response], emulator: FakeEmulator) -> None:
    """Swagger UI, all of it from here, under a policy that lets nothing come from elsewhere or be inline."""
    page = ask("GET", "/docs")
    parts = re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.text)
    assert len(parts) == 3
    for path in ("/docs", *parts):
        answer = ask("GET", path)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
    assert not re.search(r"<script>|<style|style=|//", page.text)
    assert not emulator.asked


@pytest.mark.parametrize("path", ["/docs/none.js", "/docs/..%2Fbegin.js", "/docs/a/b", "/problems/none"])
def test_there_are_no_other_pages(path: str, ask: Callable[..., httpx.Response]) -> None:
    """Nothing else comes out of the jar, and no page explains a problem that there is not."""
    answer = ask("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize("kind", PROBLEM_TYPES, ids=lambda kind: kind.name)
def test_each_type_of_problem_is_explained(kind: ProblemType, ask: Callable[..., httpx.Response]) -> None:
    """Its address leads to a page that says what it means, and shows one."""
    page = ask("GET", kind.uri)
    assert page.status_code == 200
    assert f"<h1>{kind.title}</h1>" in page.text
    assert f"Status {kind.status}" in page.text
    assert f"&quot;type&quot;: &quot;{kind.uri}&quot;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def _mail(folder: Path) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "shop@shop.example", "Zoë <zoe@customers.example>"
    mail["Subject"] = "<script>alert(1)</script> Rechnung č"
    mail.set_content("Guten Tag <b>Zoë</b>")
    mail.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename='č"<.pdf')
    (folder / "id-1.eml").write_bytes(mail.as_bytes())
    return mail


def test_programs_read_the_mailbox(ask: Callable[..., httpx.Response], tmp_path: Path) -> None:
    """A list of mails, each mail as it was sent, and its attachment."""
    mail = _mail(tmp_path)
    (listed,) = ask("GET", "/mailbox/messages").json()
    assert listed["id"] == "id-1"
    assert listed["to"] == ["zoe@customers.example"]
    assert listed["subject"] == mail["subject"]
    assert listed["attachments"] == [{"name": 'č"<.pdf', "content_type": "application/pdf"}]
    raw = ask("GET", "/mailbox/messages/id-1")
    assert (raw.headers["content-type"], raw.content) == ("message/rfc822", mail.as_bytes())
    attachment = ask("GET", "/mailbox/messages/id-1/attachments/0")
    assert (attachment.headers["content-type"], attachment.content) == ("application/pdf", b"%PDF-1")
    assert attachment.headers["content-disposition"] == "attachment; filename*=UTF-8''%C4%8D%22%3C.pdf"


@pytest.mark.parametrize("path", ["/mailbox", "/mailbox/id-1"])
def test_people_read_the_mailbox(path: str, ask: Callable[..., httpx.Response], tmp_path: Path) -> None:
    """A page that shows what a mail says and runs nothing of it."""
    _mail(tmp_path)
    page = ask("GET", path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Rechnung č" in page.text
    assert "<script" not in page.text
    assert "<b>Zoë" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["messages/none", "messages/..%2Fid-1", "messages/id-1/attachments/1", "messages/%00", "none"]
)
def test_only_mails_are_shown(path: str, ask: Callable[..., httpx.Response], tmp_path: Path) -> None:
    """What is no mail, or lies elsewhere, is not found."""
    _mail(tmp_path)
    answer = ask("GET", f"/mailbox/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff\xfe\x00", b"To: <<>>\nSubject: =?x?q?y?=\n\nx", b"Content-Type: multipart/mixed\n\n--"],
)
def test_a_strange_mail_breaks_nothing(
    text: bytes, ask: Callable[..., httpx.Response], tmp_path: Path
) -> None:
    """The list and the pages show as much of a malformed mail as can be read."""
    (tmp_path / "odd.eml").write_bytes(text)
    for path in ("/mailbox", "/mailbox/messages", "/mailbox/odd"):
        assert ask("GET", path).status_code == 200
