"""Make the databases of the services, their users and their passwords. Terraform calls it; twice is fine.

No password passes through Terraform: the owners' are kept by AWS, the services' are made here and written
into the services' secrets.
"""

import json
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote

# What `make package` puts beside this file: who signs the certificates of RDS and DocumentDB.
CERTIFICATES = Path(__file__).with_name("rds-certificates.pem")


class Postgres(TypedDict):
    """`server` is spoken to here, `proxy` by the services; `logins` has each service's secret by its name.

    In the region the proxy lets in roles, and takes no password.
    """

    server: str
    proxy: str
    port: int
    region: str
    owner_secret: str
    logins: Mapping[str, str]


class Catalog(TypedDict):
    """The cluster, the name of the database in it, and the secret of the one service that owns it."""

    server: str
    port: int
    owner_secret: str
    database: str
    login: str


def handler(event: Mapping[str, Any], context: object) -> dict[str, list[str]]:
    """What Lambda calls: `event` is {"postgres": Postgres, "catalog": Catalog}; returns what was made."""
    import boto3

    client, rds = boto3.client("secretsmanager"), boto3.client("rds")
    made = {
        "postgres": make_databases(client, event["postgres"]),
        "catalog": make_catalog_user(client, event["catalog"]),
    }
    await_proxy(event["postgres"], rds.generate_db_auth_token)
    return made


def await_proxy(
    wanted: Postgres, token: Callable[..., str], seconds: float = 200, pause: float = 5, tls: bool = True
) -> None:
    """Return when each service can log in through the proxy, which takes it minutes to notice new secrets.

    Raises what the last attempt was answered with when `seconds` are over. `token` makes what stands for a
    password, as boto3's `generate_db_auth_token`.
    """
    import pg8000.native
    from pg8000.exceptions import DatabaseError, InterfaceError

    end = time.monotonic() + seconds
    for service in sorted(wanted["logins"]):
        while True:
            host, port = wanted["proxy"], wanted["port"]
            try:
                pg8000.native.Connection(
                    service,
                    host=host,
                    port=port,
                    password=token(DBHostname=host, Port=port, DBUsername=service, Region=wanted["region"]),
                    database=service,
                    ssl_context=ssl.create_default_context() if tls else False,
                    timeout=10,
                ).close()
                break
            except (DatabaseError, InterfaceError, OSError):
                if time.monotonic() > end:
                    raise
                time.sleep(pause)


def make_databases(client: Any, wanted: Postgres, tls: bool = True) -> list[str]:
    """Make the database and the role of each service, with the password in its secret.

    A password that is in the secret stays. Returns the services whose secret was written.
    `tls` is only off on one machine.
    """
    import pg8000.native

    owner = json.loads(client.get_secret_value(SecretId=wanted["owner_secret"])["SecretString"])
    connection = pg8000.native.Connection(
        owner["username"],
        host=wanted["server"],
        port=wanted["port"],
        password=owner["password"],
        database="postgres",
        ssl_context=ssl.create_default_context(cafile=str(CERTIFICATES)) if tls else False,
        timeout=30,
    )
    written = []
    try:
        for service, secret in sorted(wanted["logins"].items()):
            kept = _kept(client, secret)
            login = {
                "host": wanted["proxy"],
                "port": wanted["port"],
                "dbname": service,
                "username": service,
                "password": kept.get("password") or secrets.token_urlsafe(24),
                "iam_region": wanted["region"],
            }
            name = pg8000.native.identifier(service)
            known = connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=service)
            verb = "ALTER" if known else "CREATE"
            connection.run(f"{verb} ROLE {name} LOGIN PASSWORD {pg8000.native.literal(login['password'])}")
            if not connection.run("SELECT 1 FROM pg_database WHERE datname = :name", name=service):
                # The owner of RDS is no superuser: it may give away only what its own roles have.
                connection.run(f"GRANT {name} TO CURRENT_USER")
                connection.run(f"CREATE DATABASE {name} OWNER {name}")
            connection.run(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            if kept != login:
                client.put_secret_value(SecretId=secret, SecretString=json.dumps(login))
                written.append(service)
    finally:
        connection.close()
    return written


def make_catalog_user(client: Any, wanted: Catalog) -> list[str]:
    """Make the user of the catalog, with the address and password in its secret; the same again is fine.

    Returns the secret's name if it was written.
    """
    from pymongo import MongoClient
    from pymongo.errors import OperationFailure

    owner = json.loads(client.get_secret_value(SecretId=wanted["owner_secret"])["SecretString"])
    kept = _kept(client, wanted["login"])
    password = kept.get("password") or secrets.token_urlsafe(24)
    login = {
        "uri": catalog_uri(wanted, wanted["database"], password),
        "database": wanted["database"],
        "password": password,
    }
    roles = [{"role": "readWrite", "db": wanted["database"]}]
    client_of_owner: MongoClient[dict[str, Any]] = MongoClient(
        catalog_uri(wanted, owner["username"], owner["password"]),
        retryWrites=False,
        serverSelectionTimeoutMS=20_000,
    )
    with client_of_owner as mongo:
        try:
            mongo.admin.command("createUser", wanted["database"], pwd=password, roles=roles)
        except OperationFailure as error:
            if error.code != _USER_EXISTS:
                raise
            mongo.admin.command("updateUser", wanted["database"], pwd=password, roles=roles)
    if kept == login:
        return []
    client.put_secret_value(SecretId=wanted["login"], SecretString=json.dumps(login))
    return [wanted["login"]]


# https://www.mongodb.com/docs/manual/reference/error-codes/
_USER_EXISTS = 51003


def catalog_uri(wanted: Catalog, user: str, password: str) -> str:
    """The connection string of a user, as DocumentDB's developer guide writes it."""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    options = f"tls=true&tlsCAFile={CERTIFICATES}&replicaSet=rs0&readPreference=primary&retryWrites=false"
    return f"mongodb://{login}@{wanted['server']}:{wanted['port']}/?{options}"


def _kept(client: Any, secret: str) -> dict[str, Any]:
    """What the secret holds; nothing where it was never written."""
    try:
        value: dict[str, Any] = json.loads(client.get_secret_value(SecretId=secret)["SecretString"])
    except client.exceptions.ResourceNotFoundException:
        return {}
    return value
