"""What is alike in the wiring of the services that have a database."""

from collections.abc import Callable
from functools import cached_property

from common.aws.databases import database_token
from common.ports.secrets import Secrets
from common.repositories.postgres.database import Database, Login, OwnerDatabase, with_token
from common.secrets import login_from
from common.wiring import Wiring


class DatabaseWiring(Wiring):
    """A wiring whose settings name the two secrets of a database."""

    @cached_property
    def database(self) -> Database:
        return Database(_login(self.secrets, self.settings.database_secret))

    @cached_property
    def owner_database(self) -> OwnerDatabase:
        return OwnerDatabase(_login(self.secrets, self.settings.database_owner_secret))


def _login(secrets: Secrets, name: str) -> Callable[[bool], Login]:
    login = login_from(secrets, name, Login)
    return lambda again: with_token(login(again), database_token)
