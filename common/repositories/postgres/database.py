"""One connection to Postgres a container, as RDS Proxy likes it.

Nothing here pins a proxy's session: no SET, no named statement, no LISTEN, no temporary table, no
sequence, no advisory lock. Every statement goes as an unnamed one with its values apart from its text.
"""

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from attrs import evolve, field
from pg8000.exceptions import DatabaseError, InterfaceError

from common.errors import ShopError, Unavailable
from common.kinds import service, value
from common.repositories.logins import logged_in
from common.repositories.postgres.connection import OneTripConnection

T = TypeVar("T")
Row = dict[str, Any]

TRIES = 5

# https://www.postgresql.org/docs/16/errcodes-appendix.html
_CHECK_VIOLATION = "23514"
_LOGIN_REFUSED = {"28P01", "28000"}
_RUN_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock: rolled back, may be run again
_GONE = {"57P01", "57P02", "57P03", "53300", "08006", "08003", "08000", "25006"}  # closed, full, restarting


class Violated(Exception):
    """A CHECK of the schema refused a statement, and nothing of it was done. `constraint` is its name."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


@value
class Login:
    """Where a database is and who logs in. `tls` is only off on one machine.

    Where there is an `iam_region`, the proxy there lets in the function's role, and takes no password.
    """

    host: str
    port: int
    dbname: str
    username: str
    password: str = field(repr=False)
    tls: bool = True
    iam_region: str | None = None


def with_token(login: Login, token: Callable[[str, int, str, str], str]) -> Login:
    """The login, with a token of the role for a password where the proxy asks for one.

    `token` makes one of the host, the port, the user and the region.
    """
    if login.iam_region is None:
        return login
    return evolve(login, password=token(login.host, login.port, login.username, login.iam_region))


@service
class Database:
    """Runs statements on one connection, made on first use and made anew when it broke.

    `login` is asked for the credentials: with True when those it gave before were refused, so that
    a rotated password is read again without a deployment. `wait` passes the time until the store and the
    secret agree on it.

    All work that is handed to it may run more than once: after a deadlock it was rolled back, and after
    a broken connection it may have been committed without our hearing of it. So each piece of work is
    one statement or one transaction that finds its own trace (a key, a state) if it was done already.

    `seconds` is how long an answer is waited for, once: what takes longer breaks the connection, and is not
    tried again, so that whoever asked hears of it soon.
    """

    login: Callable[[bool], Login]
    seconds: float = 5
    wait: Callable[[float], None] = time.sleep
    _connection: OneTripConnection | None = field(default=None, init=False)

    def run(self, sql: str, **values: Any) -> list[Row]:
        """Runs one statement and returns its rows by column name. Raises `Unavailable` and `Violated`."""
        return self.transaction(lambda run: run(sql, **values), begin=False)

    def transaction(self, work: Callable[["Run"], T], *, begin: bool = True) -> T:
        """Runs `work` in one transaction and returns what it returns. Raises as `run`."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(work, begin)
            except DatabaseError as error:
                code = _code(error)
                if _refused(error):
                    raise Unavailable("The store does not let the shop in. Please try again.") from error
                if code == _CHECK_VIOLATION:
                    raise Violated(error.args[0]["n"]) from error
                if code in _GONE:
                    self.close()
                elif code not in _RUN_AGAIN:
                    raise
                if attempt == TRIES:
                    raise Unavailable("The store is busy. Please try again.") from error
            except (InterfaceError, OSError) as error:
                self.close()
                # A server that said nothing for so long would say nothing again, and somebody waits.
                if attempt > 1 or _timed_out(error):
                    raise Unavailable("The store does not answer. Please try again.") from error
            except ShopError:
                raise
            except BaseException:
                # An answer may be half-read: whoever came next would read the rest of it as theirs.
                self.close()
                raise
        raise AssertionError("every attempt returns or raises")

    def close(self) -> None:
        """Closes the connection, if there is one; the next statement makes another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(InterfaceError, OSError):
                connection.close()

    def _once(self, work: Callable[["Run"], T], begin: bool) -> T:
        connection = self._connected()
        if not begin:
            return work(_runner(connection))
        connection.begin()
        try:
            result = work(_runner(connection))
            connection.run("COMMIT")
        except (DatabaseError, ShopError):
            self._roll_back(connection)
            raise
        return result

    def _roll_back(self, connection: OneTripConnection) -> None:
        try:
            connection.run("ROLLBACK")
        except (DatabaseError, InterfaceError, OSError):
            self.close()

    def _connected(self) -> OneTripConnection:
        if self._connection is None:
            self._connection = logged_in(
                lambda again: _connect(self.login(again), self.seconds), _refused, self.wait
            )
        return self._connection


@service
class OwnerDatabase(Database):
    """A `Database` whose login is the owner's of the tables. Only `migrate` has use for one."""


Run = Callable[..., list[Row]]


def _runner(connection: OneTripConnection) -> Run:
    def run(sql: str, **values: Any) -> list[Row]:
        rows = connection.run(sql, **values)
        names = [column["name"] for column in connection.columns or []]
        return [dict(zip(names, row, strict=True)) for row in rows]

    return run


def _connect(login: Login, seconds: float) -> OneTripConnection:
    return OneTripConnection(
        login.username,
        password=login.password,
        host=login.host,
        port=login.port,
        database=login.dbname,
        # None would have the driver ask for TLS all the same, and check nobody's certificate.
        ssl_context=ssl.create_default_context() if login.tls else False,
        timeout=seconds,
        tcp_keepalive=True,
    )


def _refused(error: Exception) -> bool:
    return isinstance(error, DatabaseError) and _code(error) in _LOGIN_REFUSED


def _timed_out(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError)


def _code(error: DatabaseError) -> str:
    fields = error.args[0] if error.args else {}
    return str(fields.get("C", "")) if isinstance(fields, dict) else ""
