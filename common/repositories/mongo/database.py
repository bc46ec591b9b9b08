"""One client of MongoDB, or of Amazon DocumentDB, a container.

DocumentDB sets the rules: no retryable writes, TLS as the address says, and no operator that its
"Supported MongoDB APIs, operations, and data types" lacks.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from attrs import field
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, ExecutionTimeout, OperationFailure

from common.errors import Unavailable
from common.kinds import service, value
from common.repositories.logins import logged_in

T = TypeVar("T")
Document = dict[str, Any]

_UNAUTHENTICATED = {11, 18}  # no such user, wrong password


@value
class Login:
    """Where the store is and who logs in: a connection string, and the name of the database."""

    uri: str = field(repr=False)
    database: str


@service
class MongoDatabase:
    """Runs work on a database whose client is made on first use.

    `login` is asked for the address and the credentials: with True when those it gave before were
    refused, so that a rotated password is read again without a deployment. `wait` passes the time until the
    store and the secret agree on it. Work may run more than once.
    """

    login: Callable[[bool], Login]
    wait: Callable[[float], None] = time.sleep
    _database: Database[Document] | None = field(default=None, init=False)

    def run(self, work: Callable[[Database[Document]], T]) -> T:
        """What `work` returns. Raises `Unavailable` where the store does not answer in time."""
        try:
            return logged_in(lambda again: work(self._connected(again=again)), _refused, self.wait)
        except (ConnectionFailure, ExecutionTimeout) as error:
            raise Unavailable("The catalog does not answer. Please try again.") from error
        except OperationFailure as error:
            if not _refused(error):
                raise
            raise Unavailable("The catalog does not let the shop in. Please try again.") from error

    def close(self) -> None:
        """Ends the client; the next work gets a new one."""
        if self._database is not None:
            self._database.client.close()
            self._database = None

    def _connected(self, *, again: bool) -> Database[Document]:
        if self._database is None or again:
            self.close()
            self._database = _connect(self.login(again))
        return self._database


@service
class OwnerMongoDatabase(MongoDatabase):
    """A `MongoDatabase` whose login may write, and make indexes. Only `migrate`, and who loads the catalog,
    have use for one."""


def _refused(error: Exception) -> bool:
    return isinstance(error, OperationFailure) and error.code in _UNAUTHENTICATED


def _connect(login: Login) -> Database[Document]:
    # A request waits seconds, not the half minute that is the driver's default.
    client: MongoClient[Document] = MongoClient(
        login.uri,
        retryWrites=False,
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=2000,
        socketTimeoutMS=10_000,
    )
    return client.get_database(login.database, codec_options=_PLAIN_NUMBERS)


class _PlainInt(TypeDecoder):
    bson_type = Int64

    def transform_bson(self, value: Any) -> int:
        return int(value)


# The driver returns numbers over 31 bits as a class of its own.
_PLAIN_NUMBERS: CodecOptions[Document] = CodecOptions(type_registry=TypeRegistry([_PlainInt()]))
