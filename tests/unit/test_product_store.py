"""How the client of MongoDB is made, and what its errors become."""

from collections.abc import Callable

import pytest
from pymongo.errors import AutoReconnect, ExecutionTimeout, NetworkTimeout, OperationFailure

from common.errors import Unavailable
from common.repositories.mongo.database import Login, MongoDatabase
from common.secrets import login_from


class RotatedSecrets:
    """`Secrets` with one secret that names another database when it is read again."""

    def read(self, name: str, *, again: bool = False) -> dict[str, str]:
        assert name == "shop/product/catalog"
        return {"uri": "mongodb://127.0.0.1:1", "database": "new" if again else "old"}


def database() -> MongoDatabase:
    login = login_from(RotatedSecrets(), "shop/product/catalog", Login)
    return MongoDatabase(login, wait=lambda _: None)


def failing(error: Exception, times: int) -> Callable[[object], str]:
    """Work that raises so often, and then answers with the name of the database that it was handed."""
    left = [error] * times

    def work(store: object) -> str:
        if left:
            raise left.pop()
        return str(getattr(store, "name", ""))

    return work


def test_a_rotated_password_is_read_again() -> None:
    """A refused login makes the secret be read again, and the work done with what it says now."""
    store = database()
    assert store.run(failing(OperationFailure("Authentication failed.", 18), times=1)) == "new"
    assert store.run(failing(OperationFailure("", 18), times=0)) == "new"
    store.close()


def test_a_login_that_is_refused_again_and_again_is_told() -> None:
    """The secret is wrong: trying for ever helps nobody."""
    store = database()
    with pytest.raises(Unavailable, match="does not let the shop in"):
        store.run(failing(OperationFailure("Authentication failed.", 18), times=6))
    store.close()


@pytest.mark.parametrize(
    "error", [AutoReconnect("gone"), NetworkTimeout("slow"), ExecutionTimeout("slow", 50)]
)
def test_a_store_that_does_not_answer_is_unavailable(error: Exception) -> None:
    """Whoever asked may ask again; the driver's words, which name hosts, are not in the message."""
    store = database()
    with pytest.raises(Unavailable) as told:
        store.run(failing(error, times=1))
    assert str(error) not in str(told.value)
    store.close()


def test_a_wrong_query_is_no_outage() -> None:
    """What is our own mistake is not to be tried again."""
    store = database()
    with pytest.raises(OperationFailure):
        store.run(failing(OperationFailure("bad hint", 2), times=1))
    store.close()


def test_a_client_writes_as_documentdb_wants_it() -> None:
    """No retryable writes, whatever the address says, and short timeouts."""
    store = MongoDatabase(lambda _: Login("mongodb://127.0.0.1:1/?retryWrites=true", "x"))
    options = store.run(lambda made: made.client.options)
    assert options.retry_writes is False
    assert options.server_selection_timeout == 3
    assert options.pool_options.connect_timeout == 2
    assert options.pool_options.socket_timeout == 10
    store.close()


def test_a_login_is_not_shown() -> None:
    """The address holds the password: it is not in a log that shows the value."""
    assert "secret" not in repr(Login("mongodb://user:secret@host", "x"))
