"""The users of the running shop's databases: what functions may do there, and what only migrate may."""

import json
from collections.abc import Sequence
from itertools import permutations

import pytest
from pg8000.exceptions import DatabaseError

from local.postgres import owner_of
from local.up import SQL_SERVICES
from tests.e2e.running import RunningShop

REFUSED = r"permission denied|must be owner|must be able to SET ROLE"
ROWS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
OTHERS = {"TRUNCATE", "REFERENCES", "TRIGGER"}


@pytest.mark.parametrize(("service", "other"), list(permutations(SQL_SERVICES, 2)))
def test_no_user_is_let_into_the_database_of_another_service(
    shop: RunningShop, service: str, other: str
) -> None:
    """The order service's users cannot read payments, nor the other way round, nor any other pair."""
    for user in (service, owner_of(service)):
        with (
            pytest.raises(DatabaseError, match="permission denied for database"),
            shop.database(other, user),
        ):
            pass


@pytest.mark.parametrize("service", SQL_SERVICES)
def test_the_functions_read_and_write_rows_and_nothing_else(shop: RunningShop, service: str) -> None:
    """Of every table they may do these four; a table, an index, a schema, a right they can neither make nor
    change, and they cannot empty a table at once, nor see which migrations were applied."""
    tables = _tables(shop, service)
    assert tables
    with shop.database(service) as application:
        for table in tables:
            may = {
                right
                for right in ROWS | OTHERS
                if application.run("SELECT has_table_privilege(:table, :right)", table=table, right=right)[0][
                    0
                ]
            }
            assert may == ROWS, table
        for statement in (
            "CREATE TABLE own (id int)",
            "CREATE TEMPORARY TABLE own (id int)",
            "CREATE SCHEMA own",
            f"CREATE INDEX ON {tables[0]} ((1))",
            f"ALTER TABLE {tables[0]} ADD COLUMN own int",
            f"DROP TABLE {tables[0]}",
            f"TRUNCATE {tables[0]}",
            f'ALTER DATABASE "{service}" SET statement_timeout TO 1',
            f"SET ROLE {owner_of(service)}",
            "SELECT * FROM migrations.applied",
        ):
            with pytest.raises(DatabaseError, match=REFUSED):
                application.run(statement)


@pytest.mark.parametrize("service", SQL_SERVICES)
def test_a_table_of_a_future_migration_is_the_functions_too(shop: RunningShop, service: str) -> None:
    """What the owner makes, the functions may read and write at once."""
    with shop.database(service, owner_of(service)) as owner, shop.database(service) as application:
        owner.run("CREATE TABLE of_tomorrow (id int)")
        try:
            application.run("INSERT INTO of_tomorrow VALUES (1)")
            application.run("UPDATE of_tomorrow SET id = 2")
            assert application.run("SELECT id FROM of_tomorrow") == [[2]]
            application.run("DELETE FROM of_tomorrow")
        finally:
            owner.run("DROP TABLE of_tomorrow")


@pytest.mark.parametrize("service", SQL_SERVICES)
def test_only_migrate_logs_in_as_the_owner(shop: RunningShop, service: str) -> None:
    """It works, and no other function of the service has ever been in the database as this user."""
    migrate = f"{service}-local-migrate"
    assert json.loads(shop.call(migrate, {}))["value"] == []
    with shop.database("postgres", "postgres") as server:
        backends = server.run(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = :owner", owner=owner_of(service)
        )
    assert backends[0][0] <= len(shop.workers(migrate))


def _tables(shop: RunningShop, service: str) -> Sequence[str]:
    found = shop.rows(service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [row["tablename"] for row in found]
