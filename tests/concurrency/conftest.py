"""What tests of things that happen at once look at in the server."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.databases import PostgresServer


@pytest.fixture
def deadlocks(postgres_server: PostgresServer) -> Iterator[Callable[[], int]]:
    """Counts the deadlocks that the server has broken until now."""
    connection = postgres_server.superuser()

    def count() -> int:
        connection.run("SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()")
        rows = connection.run("SELECT sum(deadlocks)::bigint FROM pg_stat_database")
        return int(rows[0][0])

    yield count
    connection.close()


@pytest.fixture
def waiting(postgres_server: PostgresServer) -> Iterator[Callable[[int], None]]:
    """Returns when so many connections wait for a lock of another."""
    connection = postgres_server.superuser()

    def wait(count: int) -> None:
        end = time.monotonic() + 4
        while time.monotonic() < end:
            rows = connection.run("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if rows[0][0] >= count:
                return
            time.sleep(0.01)
        raise AssertionError(f"{count} connections should wait for a lock, and do not.")

    yield wait
    connection.close()
