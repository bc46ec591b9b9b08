"""Which servers of the shop run elsewhere, such as in containers: the one place of local/ that reads it.

Each variable is optional. Where one is set, `make up` starts no server of its own for it, and uses that one:

- AWS_ENDPOINT_URL: an AWS emulator, http://host:port.
- POSTGRES_ADDRESS: host:port; and POSTGRES_PASSWORD, of its superuser `postgres`.
- MONGO_URI: mongodb://..., with the login if it asks for one.
- CASSANDRA_ADDRESS: host:port.
"""

import os
from urllib.parse import urlsplit

from attrs import field, frozen

from local.errors import LocalError

VARIABLES = {
    "aws": "AWS_ENDPOINT_URL",
    "postgres": "POSTGRES_ADDRESS",
    "mongo": "MONGO_URI",
    "cassandra": "CASSANDRA_ADDRESS",
}


@frozen
class Postgres:
    """A server that runs elsewhere, with the password of its superuser."""

    host: str
    port: int
    password: str = field(repr=False)


def aws() -> str | None:
    """The emulator's endpoint, without a final slash. Raises LocalError where it is no address."""
    endpoint = _given("aws")
    if endpoint is None:
        return None
    if urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).hostname:
        raise LocalError(f"AWS_ENDPOINT_URL must be like http://host:4566, and is {endpoint!r}.")
    return endpoint.rstrip("/")


def postgres() -> Postgres | None:
    """Where Postgres is. Raises LocalError where that is no address, or without a password."""
    place = _host_and_port("postgres")
    if place is None:
        return None
    password = os.environ.get("POSTGRES_PASSWORD")
    if not password:
        raise LocalError("POSTGRES_ADDRESS is set: set POSTGRES_PASSWORD too, to the superuser's password.")
    return Postgres(*place, password)


def mongo() -> str | None:
    """The connection string of MongoDB. Raises LocalError where it is none."""
    uri = _given("mongo")
    # Its text may hold a password: it is not repeated.
    if uri is not None and not uri.startswith(("mongodb://", "mongodb+srv://")):
        raise LocalError("MONGO_URI must begin with mongodb:// or mongodb+srv://.")
    return uri


def cassandra() -> tuple[str, int] | None:
    """Host and port of Cassandra. Raises LocalError where that is no address."""
    return _host_and_port("cassandra")


def servers() -> dict[str, str]:
    """The addresses, without passwords, of the servers that run elsewhere, by the name each has here."""
    found = {"aws": aws(), "postgres": postgres() and _given("postgres")}
    uri = mongo()
    found["mongo"] = uri and urlsplit(uri).netloc.rpartition("@")[2]
    found["cassandra"] = cassandra() and _given("cassandra")
    return {name: address for name, address in found.items() if address}


def _given(name: str) -> str | None:
    return os.environ.get(VARIABLES[name], "").strip() or None


def _host_and_port(name: str) -> tuple[str, int] | None:
    given = _given(name)
    if given is None:
        return None
    host, _, number = given.rpartition(":")
    if not host or not number.isdecimal() or not 0 < int(number) < 65536:
        raise LocalError(f"{VARIABLES[name]} must be host:port, and is {given!r}.")
    return host.strip("[]"), int(number)
