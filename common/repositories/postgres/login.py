"""Where the login of a database comes from."""

from collections.abc import Callable

from common.codec import read
from common.ports.secrets import Secrets
from common.repositories.postgres.database import Login


def secret_login(secrets: Secrets, name: str) -> Callable[[bool], Login]:
    """The login that a secret has, in the fields that RDS writes; read again if it was refused."""
    return lambda again: read(secrets.read(name, again=again), Login)
