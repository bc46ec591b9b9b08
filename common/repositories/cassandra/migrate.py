"""Schema changes in Cassandra: the .cql files of a service's migrations/ folder, in order of name.

Each statement creates one table, or adds one column to a table. On Keyspaces either is there some time after
its statement was answered.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path

from common.errors import Unavailable
from common.repositories.cassandra.session import Cassandra

# How long either may take; a little less than the function that runs this has.
LONGEST_SECONDS = 200

_MAKES = re.compile(
    r"CREATE TABLE IF NOT EXISTS (?P<table>\w+)|ALTER TABLE (?P<altered>\w+) ADD (?P<column>\w+) "
)


def migrate(store: Cassandra, folder: Path, wait: Callable[[float], None] = time.sleep) -> list[str]:
    """Makes what is missing, waits until it can be used, and returns the names of the files that it is from.

    Two at once are safe. Raises `Unavailable` where one is not there in time: call again.
    """
    return [path.name for path in sorted(folder.glob("*.cql")) if _apply(store, path, wait)]


def _apply(store: Cassandra, path: Path, wait: Callable[[float], None]) -> bool:
    statements = [part for part in path.read_text(encoding="utf-8").split(";\n") if part.strip()]
    applied = False
    for statement in statements:
        makes = _MAKES.search(statement)
        if makes is None:
            raise ValueError(
                f"{path.name}: a statement must be CREATE TABLE IF NOT EXISTS or ALTER TABLE ADD."
            )
        table, column = makes["table"] or makes["altered"], makes["column"]
        if not _is_there(store, table, column):
            _make(store, statement, table, column)
            _wait_for(store, table, column, wait)
            applied = True
    return applied


def _make(store: Cassandra, statement: str, table: str, column: str | None) -> None:
    try:
        store.plainly(statement)
    except Unavailable:
        # Somebody else may have added the column meanwhile: Keyspaces knows no IF NOT EXISTS for it.
        if not _is_there(store, table, column):
            raise


def _wait_for(store: Cassandra, table: str, column: str | None, wait: Callable[[float], None]) -> None:
    pause, waited = 0.05, 0.0
    while not _is_there(store, table, column):
        if waited > LONGEST_SECONDS:
            raise Unavailable(f"The table {table} is still being made or changed. Please migrate again.")
        wait(pause)
        waited += pause
        pause = min(pause * 2, 2)


def _is_there(store: Cassandra, table: str, column: str | None) -> bool:
    """Whether they can be used: on Keyspaces the table's status tells, elsewhere that they are listed."""
    keyspace = store.keyspace
    own = f"SELECT status FROM system_schema_mcs.tables WHERE keyspace_name = '{keyspace}'"  # noqa: S608 - ours
    listed = f"SELECT table_name FROM system_schema.tables WHERE keyspace_name = '{keyspace}'"  # noqa: S608 - ours
    columns = f"SELECT column_name FROM system_schema.columns WHERE keyspace_name = '{keyspace}'"  # noqa: S608 - ours
    if column and not store.plainly(f"{columns} AND table_name = '{table}' AND column_name = '{column}'"):
        return False
    if _is_keyspaces(store):
        return store.plainly(f"{own} AND table_name = '{table}'") == [("ACTIVE",)]
    return bool(store.plainly(f"{listed} AND table_name = '{table}'"))


def _is_keyspaces(store: Cassandra) -> bool:
    return store.login(False).sigv4_region is not None
