"""A container's login at Cassandra: a password that is changed meanwhile, or is wrong."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, evolve, field
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster

from common.errors import Unavailable
from common.repositories.cassandra.session import Cassandra, Login
from common.repositories.logins import PAUSES
from common.secrets import login_from
from local import cassandra, processes
from local.paths import LOOPBACK, port
from local.processes import Server
from tests.fakes import FakeSecrets
from tests.local.shop_homes import new_home, quiet

ASKED = "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = 'shop'"


@define
class Guarded:
    """A node that asks for passwords, and the secret that a container reads."""

    server: Server
    number: int
    secrets: FakeSecrets = field(factory=lambda: FakeSecrets({}))

    def administer(self, *statements: str) -> None:
        """Runs statements as the superuser that every new node has."""
        with Cluster(
            [LOOPBACK], port=self.number, auth_provider=PlainTextAuthProvider("cassandra", "cassandra")
        ) as cluster:
            session = cluster.connect()
            for statement in statements:
                session.execute(statement)

    def set_password(self, password: str) -> None:
        """The node takes this one from now on, and no other."""
        # One role's password may be changed every five seconds only; a new role is as good.
        self.administer(
            "DROP ROLE IF EXISTS shop", f"CREATE ROLE shop WITH PASSWORD = '{password}' AND LOGIN = true"
        )

    def keep(self, password: str) -> None:
        """The secret has this password from now on."""
        fields: dict[str, Any] = {
            "contact_points": [LOOPBACK],
            "port": self.number,
            "keyspace": "shop",
            "local_datacenter": "datacenter1",
            "username": "shop",
            "tls": False,
        }
        self.secrets.secrets["archive"] = {**fields, "password": password}


@define
class CachedSecrets:
    """`Secrets` as a container has them: read once, and again where that is asked for."""

    kept: FakeSecrets
    known: dict[str, dict[str, Any]] = field(factory=dict)
    reads: list[bool] = field(factory=list)

    def read(self, name: str, *, again: bool = False) -> dict[str, Any]:
        self.reads.append(again)
        if again or name not in self.known:
            self.known[name] = self.kept.read(name)
        return self.known[name]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A node of its own, for those of the other tests let everybody in."""
    home = new_home(tmp_path_factory.mktemp("guarded") / "home")
    plain = cassandra.server(home)
    file = home / "cassandra" / "cassandra.yaml"
    settings = json.loads(file.read_text(encoding="utf-8"))
    # What is changed counts at once.
    settings |= {"authenticator": "PasswordAuthenticator", "credentials_validity": "0ms"}
    file.write_text(json.dumps(settings), encoding="utf-8")
    node = Guarded(plain, port("cassandra", home))
    node.server = evolve(plain, ready=node.administer)
    try:
        processes.start([node.server], home, report=quiet)
        node.administer(
            "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        yield node
    finally:
        processes.stop(None, home, report=quiet)


@pytest.fixture
def secrets(guarded: Guarded) -> CachedSecrets:
    guarded.set_password("first")
    guarded.keep("first")
    return CachedSecrets(guarded.secrets)


@pytest.fixture
def store(secrets: CachedSecrets) -> Iterator[Cassandra]:
    store = Cassandra(login_from(secrets, "archive", Login), seconds=10)
    yield store
    store.close()


def test_a_rotated_password_is_read_again(guarded: Guarded, store: Cassandra, secrets: CachedSecrets) -> None:
    """The session that there is goes on; the next one finds its password refused, and reads the secret."""
    assert store.run(ASKED) == [("shop",)]
    guarded.set_password("second")
    guarded.keep("second")
    assert store.run(ASKED) == [("shop",)]
    assert secrets.reads == [False]
    store.close()
    assert store.run(ASKED) == [("shop",)]
    assert secrets.reads == [False, False, True]
    store.close()
    assert store.run(ASKED) == [("shop",)]
    assert secrets.reads == [False, False, True, False]


def test_whoever_comes_between_the_two_halves_of_a_rotation_waits(
    guarded: Guarded, store: Cassandra, secrets: CachedSecrets
) -> None:
    """The node has the new password and the secret the old one: the statement runs as soon as both agree."""
    guarded.set_password("second")
    pauses = iter([lambda: None, lambda: guarded.keep("second")])
    store.wait = lambda _: next(pauses)()
    assert store.run(ASKED) == [("shop",)]
    assert secrets.reads == [False, True, True]


def test_a_password_that_stays_wrong_is_unavailable(
    guarded: Guarded, store: Cassandra, secrets: CachedSecrets
) -> None:
    """It is told so after a few tries, and works as soon as both agree."""
    guarded.set_password("other")
    store.wait = lambda _: None
    with pytest.raises(Unavailable, match="does not let the shop in"):
        store.run(ASKED)
    assert secrets.reads == [False, *[True] * len(PAUSES)]
    guarded.keep("other")
    assert store.run(ASKED) == [("shop",)]
    assert "other" not in repr(store.login(False))
