"""One session with Apache Cassandra, or with Amazon Keyspaces, a container.

Keyspaces sets the rules: LOCAL_QUORUM both ways, prepared statements, no index but the primary key, no batch
across partitions, an IN that leads to at most a hundred rows' keys. Idle connections are cut there.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

from attrs import field
from cassandra import AuthenticationFailed, ConsistencyLevel, DriverException, RequestValidationException
from cassandra.auth import AuthProvider, PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable, Session
from cassandra.connection import ConnectionException
from cassandra.policies import DCAwareRoundRobinPolicy, FallthroughRetryPolicy
from cassandra.query import PreparedStatement, tuple_factory

from common.errors import Unavailable
from common.kinds import service, value
from common.logging import logger
from common.repositories.logins import logged_in

T = TypeVar("T")
Row = tuple[Any, ...]
Statement = tuple[str, Sequence[Any]]

# Requests on their way at once. One connection of Keyspaces takes 3,000 a second.
CONCURRENCY = 256

# How often what was throttled, or lost on its way, is sent.
TRIES = 2

# The driver negotiates downwards from 5, which Keyspaces does not speak.
_PROTOCOL = 4

_SILENT = "The archive of orders does not answer. Please try again."
_CLOSED = "The archive of orders does not let the shop in. Please try again."
_GONE = (NoHostAvailable, ConnectionException, DriverException, OSError)


@value
class Login:
    """Where a keyspace is and who logs in: by name and password, or, in the region, by the role (SigV4).

    `contact_points` are host names; the first is the one that a certificate must name.
    """

    contact_points: tuple[str, ...]
    port: int
    keyspace: str
    local_datacenter: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sigv4_region: str | None = None
    tls: bool = True


@service
class Cassandra:
    """Runs statements in a session that is made on first use and made anew when it broke.

    `login` is asked for the address and the credentials: with True when those it gave before were
    refused, so that a rotated password is read again without a deployment. `wait` passes the time until the
    store and the secret agree on it.

    Every statement may run more than once, so each leaves the same behind however often it runs.
    `seconds` is how long an answer is waited for.
    """

    login: Callable[[bool], Login]
    seconds: float = 3
    wait: Callable[[float], None] = time.sleep
    _session: Session | None = field(default=None, init=False)
    _prepared: dict[str, PreparedStatement] = field(factory=dict, init=False)

    def run(self, text: str, *values: Any) -> list[Row]:
        """The rows that a statement finds. Raises `Unavailable`."""
        return self.run_all([(text, values)])[0]

    def run_all(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The rows that each statement finds, all run side by side. Raises `Unavailable`."""
        return self.work(lambda session: self._side_by_side(session, statements))

    def plainly(self, text: str) -> list[Row]:
        """As `run`, for a statement that cannot be prepared: a change of the schema."""
        return self.work(lambda session: list(session.execute(text)))

    def work(self, do: Callable[[Session], T]) -> T:
        """What `do` returns; done once more, in a new session, where the first one broke."""
        for attempt in (1, 2):
            try:
                return do(self._connected())
            except _GONE as error:
                wrong = isinstance(error, RequestValidationException)
                self.close()
                if attempt == 2 or wrong:
                    raise _told(error, _SILENT) from error
        raise AssertionError("every attempt returns or raises")

    def close(self) -> None:
        """Ends the session, if there is one; the next statement makes another."""
        session, self._session = self._session, None
        self._prepared.clear()
        if session is not None:
            with suppress(Exception):
                session.cluster.shutdown()

    @property
    def keyspace(self) -> str:
        """The keyspace that the statements are about."""
        return self.login(False).keyspace

    def _side_by_side(self, session: Session, statements: Sequence[Statement]) -> list[list[Row]]:
        bound = [(self._prepare(session, text), values) for text, values in statements]
        found: list[list[Row]] = []
        for start in range(0, len(bound), CONCURRENCY):
            found += _answers(session, bound[start : start + CONCURRENCY])
        return found

    def _prepare(self, session: Session, text: str) -> PreparedStatement:
        statement = self._prepared.get(text)
        if statement is None:
            statement = self._prepared[text] = session.prepare(text)
            statement.is_idempotent = True
        return statement

    def _connected(self) -> Session:
        if self._session is None:
            try:
                self._session = logged_in(
                    lambda again: _connect(self.login(again), self.seconds), _refused, self.wait
                )
            except NoHostAvailable as error:
                if not _refused(error):
                    raise
                raise _told(error, _CLOSED) from error
        return self._session


def _told(error: Exception, sentence: str) -> Unavailable:
    logger("archive").warning("Cassandra", extra={"error": type(error).__name__})
    return Unavailable(sentence)


def _answers(session: Session, bound: Sequence[tuple[PreparedStatement, Sequence[Any]]]) -> list[list[Row]]:
    """The rows that each statement finds; those that failed are sent again, and only they."""
    # Not the driver's execute_concurrent: where a node has just died, that ends in a RecursionError.
    found: dict[int, list[Row]] = {}
    for attempt in range(1, TRIES + 1):
        waiting = [number for number in range(len(bound)) if number not in found]
        futures = {number: session.execute_async(*bound[number]) for number in waiting}
        for number, future in futures.items():
            try:
                found[number] = list(future.result())
            except DriverException:
                if attempt == TRIES:
                    raise
    return [found[number] for number in range(len(bound))]


def _connect(login: Login, seconds: float) -> Session:
    profile = ExecutionProfile(
        load_balancing_policy=DCAwareRoundRobinPolicy(login.local_datacenter),
        retry_policy=FallthroughRetryPolicy(),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=seconds,
        row_factory=tuple_factory,
    )
    cluster = Cluster(
        contact_points=list(login.contact_points),
        port=login.port,
        auth_provider=_credentials(login),
        ssl_context=ssl.create_default_context() if login.tls else None,
        # The nodes behind the name are found by their addresses, and bear the name's certificate.
        ssl_options={"server_hostname": login.contact_points[0]} if login.tls else None,
        protocol_version=_PROTOCOL,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        connect_timeout=min(seconds, 3),
        control_connection_timeout=min(seconds, 3),
        # Nothing here looks at them, and reading them is most of the time that connecting takes.
        schema_metadata_enabled=False,
        token_metadata_enabled=False,
    )
    try:
        return cluster.connect(login.keyspace)
    except BaseException:
        cluster.shutdown()
        raise


def _credentials(login: Login) -> AuthProvider | None:
    if login.sigv4_region:
        from cassandra_sigv4.auth import SigV4AuthProvider

        return SigV4AuthProvider(region_name=login.sigv4_region)
    return PlainTextAuthProvider(login.username, login.password) if login.username else None


def _refused(error: Exception) -> bool:
    return isinstance(error, NoHostAvailable) and any(
        isinstance(reason, AuthenticationFailed) for reason in error.errors.values()
    )


def in_hundreds(keys: Iterable[T]) -> list[list[T]]:
    """The keys, no more than a hundred in each list: what one IN may have."""
    rest = list(keys)
    return [rest[start : start + 100] for start in range(0, len(rest), 100)]


def period_of(order_id: UUID) -> int:
    """The period that an order falls into: the first 16 of the 48 bits of its id's time, 50 days each."""
    return order_id.int >> 112
