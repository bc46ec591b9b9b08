"""Schema changes: the .sql files of a service's migrations/ folder, each applied once, in order of name."""

from pathlib import Path

from attrs import evolve

from common.repositories.postgres.database import OwnerDatabase, Run

# What a change of a large table may take; a little less than the function that runs it has.
LONGEST_SECONDS = 280

_LIST = """
CREATE TABLE IF NOT EXISTS migrations.applied (name text PRIMARY KEY, applied_at timestamptz NOT NULL)
"""


def migrate(database: OwnerDatabase, folder: Path) -> list[str]:
    """Applies the files that were not applied yet, each in one transaction, and returns their names.

    The list of those that were is in the schema `migrations`, which the application's user cannot read; who
    made the users has made it, too. Two at once are safe: the second waits for the first. Raises what
    Postgres says of a wrong file, which is then not applied at all.
    """
    patient = evolve(database, seconds=LONGEST_SECONDS)
    try:
        return [path.name for path in sorted(folder.glob("*.sql")) if _apply(patient, path)]
    finally:
        patient.close()


def _apply(database: OwnerDatabase, path: Path) -> bool:
    def work(run: Run) -> bool:
        # The only advisory lock of the shop: it pins a session of the proxy while a migration runs.
        run("SELECT pg_advisory_xact_lock(hashtext('migrations'))")
        run(_LIST)
        if run("SELECT name FROM migrations.applied WHERE name = :name", name=path.name):
            return False
        for statement in path.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                run(statement)
        run("INSERT INTO migrations.applied (name, applied_at) VALUES (:name, now())", name=path.name)
        return True

    return database.transaction(work)
