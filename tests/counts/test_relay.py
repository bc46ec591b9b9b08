"""How many calls of SNS the outbox's relay makes."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from common.aws.clients import client
from common.aws.topic import SnsTopic
from common.events import Message


@pytest.fixture
def sizes() -> Iterator[list[int]]:
    """How many messages each PublishBatch had."""
    found: list[int] = []

    class Sns(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            found.append(len([name for name in form if name.endswith(".Message")]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<PublishBatchResponse/>")

        def log_message(self, *_: object) -> None:
            """Says nothing: the test does."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Sns)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        environment.setenv("AWS_REGION", "us-east-1")
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        client.cache_clear()
        yield found
    client.cache_clear()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("count", "batches"), [(1, [1]), (10, [10]), (23, [3, 10, 10]), (100, [10] * 10)])
def test_messages_go_ten_by_ten(sizes: list[int], count: int, batches: list[int]) -> None:
    """As few calls as SNS allows."""
    SnsTopic("topic").publish([Message(UUID(int=number), "{}") for number in range(count)])
    assert sorted(sizes) == batches
