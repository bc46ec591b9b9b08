"""What is alike in the wiring of the services that have a database."""

from functools import cached_property

from common.aws.databases import database_token
from common.repositories.postgres.database import Database, Login, with_token
from common.secrets import login_from
from common.wiring import Wiring


class DatabaseWiring(Wiring):
    """A wiring whose settings name the secret of a database."""

    @cached_property
    def database(self) -> Database:
        login = login_from(self.secrets, self.settings.database_secret, Login)
        return Database(lambda again: with_token(login(again), database_token))
