"""Schema changes in Cassandra: the .cql files of a service's migrations/ folder, in order of name.

Each statement creates one table. On Keyspaces a table is there some time after its statement was answered.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path

from common.errors import Unavailable
from common.repositories.cassandra.session import Cassandra

# How long a table may take; a little less than the function that runs this has.
LONGEST_SECONDS = 200

_CREATE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


def migrate(store: Cassandra, folder: Path, wait: Callable[[float], None] = time.sleep) -> list[str]:
    """Creates the tables that are missing, waits until they can be used, and returns their files' names.

    Two at once are safe. Raises `Unavailable` where a table is not there in time: call again.
    """
    return [path.name for path in sorted(folder.glob("*.cql")) if _apply(store, path, wait)]


def _apply(store: Cassandra, path: Path, wait: Callable[[float], None]) -> bool:
    statements = [part for part in path.read_text(encoding="utf-8").split(";\n") if part.strip()]
    applied = False
    for statement in statements:
        named = _CREATE.search(statement)
        if named is None:
            raise ValueError(f"{path.name}: a statement must be CREATE TABLE IF NOT EXISTS.")
        if not _is_there(store, named[1]):
            store.plainly(statement)
            _wait_for(store, named[1], wait)
            applied = True
    return applied


def _wait_for(store: Cassandra, table: str, wait: Callable[[float], None]) -> None:
    pause, waited = 0.05, 0.0
    while not _is_there(store, table):
        if waited > LONGEST_SECONDS:
            raise Unavailable(f"The table {table} is still being made. Please migrate again.")
        wait(pause)
        waited += pause
        pause = min(pause * 2, 2)


def _is_there(store: Cassandra, table: str) -> bool:
    """Whether the table can be used: on Keyspaces its status tells, elsewhere that it is listed."""
    keyspace = store.keyspace
    own = f"SELECT status FROM system_schema_mcs.tables WHERE keyspace_name = '{keyspace}'"  # noqa: S608 - ours
    listed = f"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{keyspace}'"  # noqa: S608 - ours
    if _is_keyspaces(store):
        return store.plainly(f"{own} AND table_name = '{table}'") == [("ACTIVE",)]
    return bool(store.plainly(f"{listed} AND table_name = '{table}'"))


def _is_keyspaces(store: Cassandra) -> bool:
    return store.login(False).sigv4_region is not None
