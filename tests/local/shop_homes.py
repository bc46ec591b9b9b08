"""Homes of shops for tests, on ports that nobody else uses."""

import json
import socket
from contextlib import ExitStack
from pathlib import Path

from local.paths import LOOPBACK, PREFERRED_PORTS


def new_home(folder: Path) -> Path:
    """A home in this folder whose ports are all chosen, and free."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        sockets = {name: held.enter_context(socket.socket()) for name in PREFERRED_PORTS}
        for held_socket in sockets.values():
            held_socket.bind((LOOPBACK, 0))
        ports = {name: held_socket.getsockname()[1] for name, held_socket in sockets.items()}
    (folder / "ports.json").write_text(json.dumps(ports), encoding="utf-8")
    return folder


def quiet(_: str) -> None:
    """Where a test's servers report their progress to."""
