"""Where the shop on this machine keeps what it keeps, and on which ports it listens.

ROOT is the checkout, HOME the state of one shop (`$SHOP_HOME`, or `.local` in the checkout), TOOLS what
several shops of one checkout share: interpreters' companions such as jars and compiled classes.
"""

import fcntl
import json
import os
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.errors import LocalError

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("SHOP_HOME") or ROOT / ".local").resolve()
TOOLS = ROOT / ".local" / "tools"
LOOPBACK = "127.0.0.1"

# All lie below the range from which systems give ports to outgoing connections, and differ in their last
# two digits, so that steps of a hundred never make two of them meet.
PREFERRED_PORTS = {
    "gateway": 8000,
    "provider": 8001,
    "service": 8002,
    "aws": 4566,
    "localstack": 4567,
    "mail": 8025,
    "postgres": 15432,
    "cassandra": 19042,
    "cassandra-storage": 17010,
    "mongo": 27018,
}


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace the file at once: a reader, or a crash, sees the old text or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two threads may write the same file at once: either's text will do, half of both would not.
    new = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def secret(name: str, home: Path = HOME) -> str:
    """The secret of this name: random, made when first asked for, kept where only this user may read it."""
    with _locked(home / "secrets.lock"):
        file = home / "secrets" / name
        if not file.exists():
            write_atomically(file, secrets.token_urlsafe(24), mode=0o600)
        return file.read_text(encoding="utf-8")


def valid_secrets(name: str, home: Path = HOME) -> list[str]:
    """The secret of this name, and behind it the one before, where that was replaced with an overlap."""
    before = home / "secrets" / f"{name}.before"
    return [secret(name, home), *([before.read_text(encoding="utf-8")] if before.exists() else [])]


def replace_secret(name: str, home: Path = HOME, *, overlap: bool = False) -> str:
    """Another secret of this name. Where there is an `overlap`, the one before it stays valid."""
    old = secret(name, home)
    with _locked(home / "secrets.lock"):
        file = home / "secrets" / name
        if overlap:
            write_atomically(file.with_name(f"{name}.before"), old, mode=0o600)
        write_atomically(file, secrets.token_urlsafe(24), mode=0o600)
        return file.read_text(encoding="utf-8")


def is_free(port: int) -> bool:
    """Whether a server of ours could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        # As the servers do: connections of a server that has just ended do not keep its port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def port(name: str, home: Path = HOME) -> int:
    """The port of this name in this shop: chosen when first asked for, and the same ever after.

    The preferred one if it is free, else the next free one in steps of a hundred; recorded in ports.json.
    """
    with _locked(home / "ports.lock"):
        recorded = recorded_ports(home)
        if name not in recorded:
            taken = set(recorded.values())
            first = PREFERRED_PORTS[name]
            candidates = range(first, min(first + 5000, 32768), 100)
            recorded[name] = next((p for p in candidates if p not in taken and is_free(p)), 0)
            if not recorded[name]:
                raise LocalError(
                    f"No port is free for {name} ({first}, {first + 100} and so on were tried). "
                    f"Write one into {home / 'ports.json'}, then try again."
                )
            write_atomically(home / "ports.json", json.dumps(recorded, indent=2) + "\n")
        return recorded[name]


def recorded_ports(home: Path = HOME) -> dict[str, int]:
    """The ports that this shop has chosen until now, by name."""
    file = home / "ports.json"
    try:
        content: Mapping[str, int] = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): int(number) for name, number in content.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        raise LocalError(f"{file} is not a list of ports any more. Delete it, then try again.") from None


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
