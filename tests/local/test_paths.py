"""Ports and secrets of a shop: chosen once, and then the same."""

import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.errors import LocalError
from local.paths import LOOPBACK, PREFERRED_PORTS, port, recorded_ports, secret, write_atomically


def test_a_port_stays_what_it_was(tmp_path: Path) -> None:
    """Once chosen, a port stays, even while somebody else holds it."""
    chosen = port("gateway", tmp_path)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((LOOPBACK, chosen))
        other.listen()
        assert port("gateway", tmp_path) == chosen
    assert recorded_ports(tmp_path) == {"gateway": chosen}


def test_a_port_in_use_is_not_chosen(tmp_path: Path) -> None:
    """Two shops on one machine listen on different ports, if one runs when the other first starts."""
    first = port("gateway", tmp_path / "first")
    with socket.socket() as running:
        running.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        running.bind((LOOPBACK, first))
        running.listen()
        second = port("gateway", tmp_path / "second")
    assert second != first
    assert (second - PREFERRED_PORTS["gateway"]) % 100 == 0


def test_all_ports_differ(tmp_path: Path) -> None:
    """No two servers of a shop are given the same port."""
    chosen = [port(name, tmp_path) for name in PREFERRED_PORTS]
    assert len(set(chosen)) == len(chosen)


def test_a_broken_list_of_ports_is_told(tmp_path: Path) -> None:
    """A file that is no list of ports is named, with what to do."""
    (tmp_path / "ports.json").write_text('{"gateway": ', encoding="utf-8")
    with pytest.raises(LocalError, match=r"ports\.json.*Delete it"):
        port("gateway", tmp_path)


def test_a_secret_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    """The same name gives the same secret; only this user may read it."""
    made = secret("postgres-order", tmp_path)
    assert secret("postgres-order", tmp_path) == made != secret("postgres-payment", tmp_path)
    mode = (tmp_path / "secrets" / "postgres-order").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_two_threads_may_write_the_same_file_at_once(tmp_path: Path) -> None:
    """Both succeed, and the file is whole."""
    texts = [str(number) * 100_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_atomically(tmp_path / "file", text), texts * 5))
    assert (tmp_path / "file").read_text(encoding="utf-8") in texts
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
