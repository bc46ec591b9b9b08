"""A wire to Postgres that counts what goes over it."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from select import select

from attrs import define, evolve, field

from common.repositories.postgres.database import Login


@define
class Wire:
    """What clients of `login` have asked Postgres for, since the wire was made or last cleared."""

    login: Login
    statements: list[str] = field(factory=list)
    round_trips: int = 0
    """How often a client said something after it had been answered."""

    def clear(self) -> None:
        self.statements.clear()
        self.round_trips = 0

    def pass_on(self, client: socket.socket, server: socket.socket) -> None:
        """Passes everything on between the two, until one of them hangs up."""
        others = {client: server, server: client}
        messages, answered = _Messages(), True
        while True:
            for end in select(others, [], [])[0]:
                data = end.recv(1 << 16)
                if not data:
                    return
                if end is client:
                    self.round_trips += answered
                    self.statements += messages.statements(data)
                answered = end is server
                others[end].sendall(data)


@define
class _Messages:
    """Reads what a client sends: https://www.postgresql.org/docs/16/protocol-message-formats.html."""

    _rest: bytes = b""
    _started: bool = False

    def statements(self, data: bytes) -> Iterator[str]:
        """The texts of the statements in it."""
        self._rest += data
        while True:
            # The first message, and only that, has no letter before its length.
            head = 1 if self._started else 0
            end = head + int.from_bytes(self._rest[head : head + 4], "big")
            if len(self._rest) < head + 4 or len(self._rest) < end:
                return
            kind, body, self._rest = self._rest[:head], self._rest[head + 4 : end], self._rest[end:]
            self._started = True
            if kind == b"Q":
                yield body.rstrip(b"\0").decode()
            elif kind == b"P":
                yield body.split(b"\0")[1].decode()


@contextmanager
def counted(login: Login) -> Iterator[Wire]:
    """A wire to the server of this login; its own login leads over it."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((login.host, login.port), timeout=10) as server:
                wire.pass_on(self.request, server)

    with socketserver.ThreadingTCPServer((login.host, 0), Handler) as relay:
        relay.daemon_threads = True
        wire = Wire(evolve(login, port=relay.server_address[1]))
        threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield wire
        relay.shutdown()
