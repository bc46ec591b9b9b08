"""What a client of AWS does with addresses, answers, and those that do not come."""

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from attrs import define, field

from common.aws.clients import CallFailed, Client, Limits, client
from common.settings import Aws
from tests.local.emulators import until

ACCESS = Aws(aws_region="eu-central-1", aws_access_key_id="key", aws_secret_access_key="secret")


@define
class Server:
    """Gives the answers in their order, the last one again and again; None is the end of the connection."""

    answers: list[tuple[int, dict[str, str], bytes] | None]
    address: str = ""
    calls: list[str] = field(factory=list)
    connections: set[object] = field(factory=set)
    ended: int = 0

    def handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.calls.append(self.path)
                server.connections.add(self.client_address)
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if answer is None:
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
                # Whoever says nothing of it closes all the same, as servers do after a while.
                if "X-Ends" in headers:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    server.ended += 1

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Says nothing: the test does."""

        return Handler


OK = (200, {}, b"done")


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers = []

    def serve(*answers: tuple[int, dict[str, str], bytes] | None) -> Server:
        described = Server(list(answers))
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), described.handler()))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        described.address = f"http://127.0.0.1:{servers[-1].server_port}"
        return described

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def calling(server: Server, tries: int = 2, seconds: float = 5) -> Client:
    return Client("s3", server.address, Limits(seconds, tries), lambda: ACCESS, wait=lambda _: None)


@pytest.mark.parametrize(
    ("service", "bucket", "endpoint", "address"),
    [
        ("lambda", "", "", "https://lambda.eu-central-1.amazonaws.com"),
        ("ses", "", "", "https://email.eu-central-1.amazonaws.com"),
        ("s3", "invoices", "", "https://invoices.s3.eu-central-1.amazonaws.com"),
        ("s3", "invoices", "http://127.0.0.1:4566/", "http://127.0.0.1:4566/invoices"),
        ("sns", "", "http://127.0.0.1:4566", "http://127.0.0.1:4566"),
    ],
)
def test_where_a_service_is(
    service: str, bucket: str, endpoint: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the function's region, a bucket at its own host; where an endpoint is named, all of them there."""
    for name, value in {
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    client.cache_clear()
    assert client(service, bucket).address == address
    client.cache_clear()


def test_a_connection_serves_many_calls(serve: Callable[..., Server]) -> None:
    """One after the other they have the same one."""
    server = serve(OK)
    calls = calling(server)
    assert [calls.send("GetObject", "GET", f"/{name}").body for name in "abc"] == [b"done"] * 3
    assert len(server.connections) == 1


def test_a_connection_that_ended_is_replaced(serve: Callable[..., Server]) -> None:
    """Even where a call is made once: AWS closes what nobody used for a while, and says nothing of it."""
    server = serve((200, {"X-Ends": "now"}, b"done"))
    calls = calling(server, tries=1)
    for count in range(3):
        until(lambda count=count: server.ended >= count)
        assert calls.send("GetObject", "GET", "/a").body == b"done"
    assert (len(server.calls), len(server.connections)) == (3, 3)


@pytest.mark.parametrize(
    "first",
    [
        None,
        (503, {}, b"<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>"),
        (429, {"x-amzn-ErrorType": "TooManyRequestsException"}, b"{}"),
        (400, {}, b'{"__type": "com.amazonaws.secretsmanager#ThrottlingException"}'),
    ],
    ids=["ended", "503", "429", "throttled"],
)
def test_what_may_pass_is_tried_again(
    serve: Callable[..., Server], first: tuple[int, dict[str, str], bytes] | None
) -> None:
    """As often as the limits say, no more: then it is raised."""
    server = serve(first, OK)
    assert calling(server).send("GetObject", "GET", "/a").body == b"done"
    for tries in (1, 3):
        failing = serve(first)
        with pytest.raises(CallFailed):
            calling(failing, tries).send("GetObject", "GET", "/a")
        assert len(failing.calls) == tries


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (
            (
                404,
                {},
                b"<Error><Code>NoSuchKey</Code><Message>No key.</Message></Error>",
            ),
            *("NoSuchKey", "No key."),
        ),
        (
            (
                *(403, {}),
                b'<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Code>AuthorizationError'
                b"</Code><Message>Not you.</Message></Error></ErrorResponse>",
            ),
            *("AuthorizationError", "Not you."),
        ),
        (
            (403, {"x-amzn-ErrorType": "AccessDeniedException:http://internal"}, b'{"Message": "Not you."}'),
            *("AccessDeniedException", "Not you."),
        ),
        (
            (400, {}, b'{"__type": "ResourceNotFoundException", "message": "No secret."}'),
            *("ResourceNotFoundException", "No secret."),
        ),
        ((403, {}, b"whatever"), "403", ""),
    ],
)
def test_what_is_refused_is_told_in_the_words_of_aws(
    serve: Callable[..., Server], answer: tuple[int, dict[str, str], bytes], code: str, told: str
) -> None:
    """Each service has a form of its own; none is asked twice."""
    server = serve(answer)
    with pytest.raises(CallFailed) as failed:
        calling(server).send("Something", "GET", "/a")
    assert failed.value.code == code
    assert str(failed.value) == f"Something: {code} {told}"
    assert len(server.calls) == 1


def test_a_head_has_its_status_for_a_code(serve: Callable[..., Server]) -> None:
    """There is no body to say more, and the connection goes on."""
    server = serve((404, {}, b"not sent"), OK)
    calls = calling(server)
    with pytest.raises(CallFailed) as failed:
        calls.send("HeadObject", "HEAD", "/a")
    assert failed.value.code == "404"
    assert calls.send("GetObject", "GET", "/a").body == b"done"
    assert len(server.connections) == 1


def test_nobody_is_waited_for_without_end() -> None:
    """One who takes the call and gives no answer is given up after the seconds of the limits."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(CallFailed) as failed:
            Client("s3", address, Limits(0.1, 1), lambda: ACCESS).send("GetObject", "GET", "/a")
    assert failed.value.code == ""


def test_a_path_and_a_query_arrive_as_they_were_meant(serve: Callable[..., Server]) -> None:
    """Whatever is in a key: each part is encoded once."""
    server = serve(OK)
    calling(server).send("GetObject", "GET", "/invoices/ä b+c", query={"prefix": "a/b c"})
    assert server.calls == ["/invoices/%C3%A4%20b%2Bc?prefix=a%2Fb%20c"]
