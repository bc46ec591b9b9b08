"""Passwords and keys that are changed while customers use the running shop: nobody notices."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pg8000.native
import pytest
from attrs import define, field
from pg8000.exceptions import DatabaseError

from local import postgres, provision
from local.customer import Customer, sign_in
from local.paths import LOOPBACK, recorded_ports
from local.up import SQL_SERVICES
from tests.e2e.running import Row, RunningShop, eventually, found, kept_secrets

CUSTOMERS = 4


@define
class Traffic:
    """Customers who place, pay, cancel and look up orders, again and again, until they are told to stop."""

    shop: RunningShop
    operator: Customer
    stop: threading.Event = field(factory=threading.Event)
    rounds: list[int] = field(factory=lambda: [0] * CUSTOMERS)
    orders: list[str] = field(factory=list)
    running: list[Future[None]] = field(factory=list)

    def buy(self, number: int, product: str) -> None:
        """Every answer must be a success; the first that is not ends the test."""
        person = self.shop.person()
        while not self.stop.is_set():
            paid, canceled = (person.ordered((product, 1)) for _ in range(2))
            self.orders += [paid, canceled]
            person.pay(paid)
            person.shop.checkout(canceled)
            assert found(person.shop.post(f"/orders/{canceled}/cancel"))["status"] == "canceled"
            person.sees(paid, "delivering")
            assert found(self.operator.post(f"/orders/{paid}/deliver"))["status"] == "delivered"
            found(person.shop.get("/products", limit=5))
            found(person.shop.get("/orders"))
            self.rounds[number] += 1

    def go_on(self, rounds: int = 2) -> None:
        """Returns when each customer has been around so often from now on."""
        before = list(self.rounds)

        def gone_round() -> bool:
            for one in self.running:
                if one.done():
                    # It never ends well before it is told to: this raises what it died of.
                    one.result()
            return all(now >= then + rounds for then, now in zip(before, self.rounds, strict=True))

        eventually("each customer to order again", gone_round)


@pytest.fixture
def traffic(shop: RunningShop) -> Iterator[Traffic]:
    """Customers at work, whose every request must have been answered with a success in the end, and every
    webhook of theirs at its first delivery."""
    olga = shop.described["operators"][0]
    traffic = Traffic(shop, sign_in(shop.described, olga["user"], olga["password"]))
    products = [shop.product() for _ in range(CUSTOMERS)]
    with ThreadPoolExecutor(CUSTOMERS) as crowd:
        traffic.running = [crowd.submit(traffic.buy, *pair) for pair in enumerate(products)]
        try:
            traffic.go_on(1)
            yield traffic
            traffic.go_on()
        finally:
            traffic.stop.set()
    for one in traffic.running:
        one.result()
    assert _refused_webhooks(shop, set(traffic.orders)) == []


def test_everything_is_rotated_while_orders_flow(traffic: Traffic) -> None:
    """`make rotate`, twice: who is connected stays so, who connects anew reads the secret again, and no
    request fails; nobody gets in any more with what was valid before."""
    shop = traffic.shop
    for _ in range(2):
        before = {user: _password(shop, user) for user in _users()}
        shop.rotate()
        for service in SQL_SERVICES:
            _disconnect(shop, service)
        traffic.go_on()
        for user, password in before.items():
            with pytest.raises(DatabaseError, match="password authentication failed"):
                _log_in(shop, user, password)
    keys = shop.control("GET", "")
    assert (keys["api_keys"], keys["webhook_secrets"]) == (2, 2)


@pytest.mark.parametrize("service", SQL_SERVICES)
def test_a_store_that_has_the_new_password_before_the_secret_does(traffic: Traffic, service: str) -> None:
    """Whoever must log in meanwhile is refused, reads the secret until it is the new one, and goes on."""
    shop = traffic.shop
    shop.secrets |= kept_secrets(shop)
    refusals = _refusals(shop, service)
    login = postgres.rotate(service, service, shop.home)
    _disconnect(shop, service)
    eventually("somebody to be refused", lambda: _refusals(shop, service) > refusals)
    name = provision.secret_names(service)["database_secret"]
    provision.keep_secrets(shop.aws("secretsmanager"), {name: {**login}})


def _users() -> list[str]:
    return [user for service in SQL_SERVICES for user in (service, postgres.owner_of(service))]


def _password(shop: RunningShop, user: str) -> str:
    return (shop.home / "secrets" / f"postgres-{user}").read_text(encoding="utf-8")


def _log_in(shop: RunningShop, user: str, password: str) -> None:
    number = recorded_ports(shop.home)["postgres"]
    database = user.removesuffix("_owner")
    pg8000.native.Connection(user, host=LOOPBACK, port=number, database=database, password=password).close()


def _disconnect(shop: RunningShop, service: str) -> None:
    """Ends every connection of the service's functions: they must log in anew."""
    with shop.database("postgres", "postgres") as server:
        server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :name", name=service
        )


def _refusals(shop: RunningShop, user: str) -> int:
    log = (shop.home / "logs" / "postgres.log").read_text(encoding="utf-8", errors="replace")
    return log.count(f'password authentication failed for user "{user}"')


def _refused_webhooks(shop: RunningShop, orders: set[str]) -> list[Row]:
    return [
        attempt
        for event in shop.events()
        if (event["event"]["data"]["object"].get("metadata") or {}).get("order_id") in orders
        for delivery in event["deliveries"]
        for attempt in delivery["attempts"]
        if attempt["status"] != 200
    ]
