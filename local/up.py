"""Starting and stopping the whole shop, by steps that each do nothing where nothing is to be done."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from local import processes
from local.paths import HOME, recorded_ports

SHOP_FILE = HOME / "shop.json"
# They are stopped last: the others still write to them.
STORES = ("postgres", "cassandra", "mongo")


def up() -> None:
    """Start what does not run, bring everything to the state of this checkout, and tell where the shop is."""
    from local import cassandra, mongo, postgres

    with processes.exclusive():
        began = time.monotonic()
        with _step("Servers"):
            _start([postgres.server, cassandra.server, mongo.server])
        print(f"The shop is up after {time.monotonic() - began:.1f} s.")


def down() -> None:
    """Stop every server of this shop; what it keeps stays."""
    with processes.exclusive():
        SHOP_FILE.unlink(missing_ok=True)
        known = [running.name for running in processes.recorded()]
        stopped = processes.stop([name for name in known if name not in STORES])
        stopped += processes.stop(STORES)
    print("The shop is stopped." if stopped else "Nothing was running.")


def status() -> int:
    """Print what runs and where; 0 if everything that was started runs, else 1."""
    servers = processes.recorded()
    if not servers:
        print("Nothing is running. 'make up' starts the shop.")
        return 1
    numbers = recorded_ports()
    for server in servers:
        state = "runs" if server.is_alive() else "has ended: 'make up' starts it again"
        print(f"{server.name:12}{numbers.get(server.name, ''):<7}{state}")
    if SHOP_FILE.exists():
        print(f"Addresses, users and passwords are in {SHOP_FILE}")
    return 0 if all(server.is_alive() for server in servers) else 1


def logs(lines: int = 20) -> None:
    """Print the last lines of every server's log."""
    for log in sorted(processes.log_file("any").parent.glob("*.log")):
        with log.open(encoding="utf-8", errors="replace") as content:
            last = content.readlines()[-lines:]
        print(f"==> {log} <==\n{''.join(last)}")


def _start(makers: Iterable[Callable[[], processes.Server]]) -> None:
    # A store that is new writes its first files while its server is described.
    with ThreadPoolExecutor(8) as pool:
        servers = list(pool.map(lambda make: make(), makers))
    processes.start(servers)


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"{name} ...", flush=True)
    yield
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
