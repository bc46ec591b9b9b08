"""What is alike in the wiring of the services that have a database."""

from functools import cached_property

from common.repositories.postgres.database import Database, Login
from common.secrets import login_from
from common.wiring import Wiring


class DatabaseWiring(Wiring):
    """A wiring whose settings name the secret of a database."""

    @cached_property
    def database(self) -> Database:
        return Database(login_from(self.secrets, self.settings.database_secret, Login))
