"""Make the databases of the services, their users and their passwords. Terraform calls it; twice is fine.

No password passes through Terraform: those of the servers' own users are kept by AWS, the services' are made
here and written into the services' secrets. They stay until Terraform asks for the next rotation.
"""

import json
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any, TypedDict
from urllib.parse import quote

# What `make package` puts beside this file: who signs the certificates of RDS and DocumentDB.
CERTIFICATES = Path(__file__).with_name("rds-certificates.pem")
# What a service's two users may do in its database.
PRIVILEGES = Path(__file__).with_name("privileges.sql")


class Postgres(TypedDict):
    """`server` is spoken to here, as its own user, `proxy` by the services.

    `logins` has the secret of each service's functions, `owners` that of its `migrate`, by the service's
    name. In the region the proxy lets in roles, and takes no password.
    """

    server: str
    proxy: str
    port: int
    region: str
    master_secret: str
    logins: Mapping[str, str]
    owners: Mapping[str, str]


class Catalog(TypedDict):
    """The cluster, the name of the database in it, and the secrets of the one service that has it."""

    server: str
    port: int
    master_secret: str
    database: str
    login: str
    owner: str


def handler(event: Mapping[str, Any], context: object) -> dict[str, list[str]]:
    """What Lambda calls: `event` is {"postgres": Postgres, "catalog": Catalog, "rotation": its number}.

    Returns the users whose secrets were written.
    """
    import boto3

    client, rds = boto3.client("secretsmanager"), boto3.client("rds")
    made = {
        "postgres": make_databases(client, event["postgres"], event["rotation"]),
        "catalog": make_catalog_users(client, event["catalog"], event["rotation"]),
    }
    await_proxy(event["postgres"], rds.generate_db_auth_token)
    return made


def await_proxy(
    wanted: Postgres, token: Callable[..., str], seconds: float = 200, pause: float = 5, tls: bool = True
) -> None:
    """Return when each user can log in through the proxy, which takes it minutes to notice new secrets.

    Raises what the last attempt was answered with when `seconds` are over. `token` makes what stands for a
    password, as boto3's `generate_db_auth_token`.
    """
    import pg8000.native
    from pg8000.exceptions import DatabaseError, InterfaceError

    end = time.monotonic() + seconds
    for service, user, _ in _users(wanted):
        while True:
            host, port = wanted["proxy"], wanted["port"]
            try:
                pg8000.native.Connection(
                    user,
                    host=host,
                    port=port,
                    password=token(DBHostname=host, Port=port, DBUsername=user, Region=wanted["region"]),
                    database=service,
                    ssl_context=ssl.create_default_context() if tls else False,
                    timeout=10,
                ).close()
                break
            except (DatabaseError, InterfaceError, OSError):
                if time.monotonic() > end:
                    raise
                time.sleep(pause)


def make_databases(client: Any, wanted: Postgres, rotation: int, tls: bool = True) -> list[str]:
    """Make the database of each service and its two users, with the password of each in its secret.

    A password stays until `rotation` is another. Returns the users whose secret was written.
    `tls` is only off on one machine.
    """
    written = []
    server = _server(client, wanted, tls)
    try:
        for service, user, secret in _users(wanted):
            kept = _kept(client, secret)
            login = {
                "host": wanted["proxy"],
                "port": wanted["port"],
                "dbname": service,
                "username": user,
                "password": _password(kept, rotation),
                "iam_region": wanted["region"],
                "rotation": rotation,
            }
            _ensure_user(server, user, login["password"])
            # At once: for as long as the two differ, nobody new gets in.
            if kept != login:
                client.put_secret_value(SecretId=secret, SecretString=json.dumps(login))
                written.append(user)
        for service in sorted(wanted["logins"]):
            _ensure_database(server, service)
    finally:
        server.close()
    for service in sorted(wanted["logins"]):
        _grant(client, wanted, service, tls)
    return written


def _users(wanted: Postgres) -> Iterator[tuple[str, str, str]]:
    """Each service with each of its users, and the secret of this user."""
    for service, secret in sorted(wanted["logins"].items()):
        yield service, service, secret
        yield service, _owner_of(service), wanted["owners"][service]


def _owner_of(service: str) -> str:
    return f"{service}_owner"


def _server(client: Any, wanted: Postgres, tls: bool, database: str = "postgres") -> Any:
    """A connection to the server itself, as the user that RDS made."""
    import pg8000.native

    master = json.loads(client.get_secret_value(SecretId=wanted["master_secret"])["SecretString"])
    return pg8000.native.Connection(
        master["username"],
        host=wanted["server"],
        port=wanted["port"],
        password=master["password"],
        database=database,
        ssl_context=ssl.create_default_context(cafile=str(CERTIFICATES)) if tls else False,
        timeout=30,
    )


def _ensure_user(server: Any, user: str, password: str) -> None:
    import pg8000.native

    name = pg8000.native.identifier(user)
    known = server.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=user)
    verb = "ALTER" if known else "CREATE"
    server.run(f"{verb} ROLE {name} LOGIN PASSWORD {pg8000.native.literal(password)}")
    # RDS's user is no superuser: it may give away, and change, only what its own roles have.
    server.run(f"GRANT {name} TO CURRENT_USER")


def _ensure_database(server: Any, service: str) -> None:
    import pg8000.native

    if not server.run("SELECT 1 FROM pg_database WHERE datname = :name", name=service):
        names = (pg8000.native.identifier(name) for name in (service, _owner_of(service)))
        server.run("CREATE DATABASE {} OWNER {}".format(*names))


def _grant(client: Any, wanted: Postgres, service: str, tls: bool) -> None:
    import pg8000.native

    names = {"database": service, "application": service, "owner": _owner_of(service)}
    quoted = {name: pg8000.native.identifier(value) for name, value in names.items()}
    server = _server(client, wanted, tls, database=service)
    try:
        # Several statements that are sent as one text are one transaction.
        server.run(Template(PRIVILEGES.read_text(encoding="utf-8")).substitute(quoted))
    finally:
        server.close()


def make_catalog_users(client: Any, wanted: Catalog, rotation: int) -> list[str]:
    """Make the two users of the catalog, with the address and password in their secrets.

    The service's functions only read; `migrate`, and whoever loads products, may write and make indexes. A
    password stays until `rotation` is another. Returns the users whose secret was written.
    """
    from pymongo import MongoClient
    from pymongo.errors import OperationFailure

    master = json.loads(client.get_secret_value(SecretId=wanted["master_secret"])["SecretString"])
    client_of_master: MongoClient[dict[str, Any]] = MongoClient(
        catalog_uri(wanted, master["username"], master["password"]),
        retryWrites=False,
        serverSelectionTimeoutMS=20_000,
    )
    written = []
    with client_of_master as mongo:
        database = wanted["database"]
        for user, role, secret in (
            (database, "read", wanted["login"]),
            (_owner_of(database), "readWrite", wanted["owner"]),
        ):
            kept = _kept(client, secret)
            password = _password(kept, rotation)
            login = {
                "uri": catalog_uri(wanted, user, password),
                "database": database,
                "password": password,
                "rotation": rotation,
            }
            roles = [{"role": role, "db": database}]
            try:
                mongo.admin.command("createUser", user, pwd=password, roles=roles)
            except OperationFailure as error:
                if error.code != _USER_EXISTS:
                    raise
                mongo.admin.command("updateUser", user, pwd=password, roles=roles)
            if kept != login:
                client.put_secret_value(SecretId=secret, SecretString=json.dumps(login))
                written.append(user)
    return written


# https://www.mongodb.com/docs/manual/reference/error-codes/
_USER_EXISTS = 51003


def catalog_uri(wanted: Catalog, user: str, password: str) -> str:
    """The connection string of a user, as DocumentDB's developer guide writes it."""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    options = f"tls=true&tlsCAFile={CERTIFICATES}&replicaSet=rs0&readPreference=primary&retryWrites=false"
    return f"mongodb://{login}@{wanted['server']}:{wanted['port']}/?{options}"


def _password(kept: Mapping[str, Any], rotation: int) -> str:
    """The password that the secret holds, or a new one where that is of another rotation."""
    if kept.get("rotation") == rotation and kept.get("password"):
        return str(kept["password"])
    return secrets.token_urlsafe(24)


def _kept(client: Any, secret: str) -> dict[str, Any]:
    """What the secret holds; nothing where it was never written."""
    try:
        value: dict[str, Any] = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return {}
    return value
